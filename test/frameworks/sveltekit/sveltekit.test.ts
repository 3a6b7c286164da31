import { describeFramework } from '../contract.ts';
import { sveltekit } from './framework.ts';

describeFramework(sveltekit);
