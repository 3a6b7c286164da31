import { randomInt } from 'node:crypto';

/** `npm run test:long` sets it: the long runs of what `npm test` tries for a few seconds, each with a new seed. */
export const LONG = process.env.TEST_LONG === '1';

/** What random inputs are drawn from: pinned, unless the run is a long one or `TEST_SEED` names another. */
export const SEED = Number(process.env.TEST_SEED ?? (LONG ? randomInt(2 ** 31) : 20_261_130));
