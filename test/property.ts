import fc from 'fast-check';
import { SEED } from './length.ts';

// A failure prints the seed and the path; as `TEST_SEED` and an `examples` row they keep it found.
fc.configureGlobal({ seed: SEED });

export default fc;
