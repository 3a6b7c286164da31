import { describeFramework } from '../contract.ts';
import { nuxt } from './framework.ts';

describeFramework(nuxt);
