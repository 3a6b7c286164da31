import { describeFramework } from '../contract.ts';
import { nitroTwo } from './framework.ts';

describeFramework(nitroTwo);
