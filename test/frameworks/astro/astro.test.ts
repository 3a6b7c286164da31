import { describeFramework } from '../contract.ts';
import { astro } from './framework.ts';

describeFramework(astro);
