import { describeFramework } from '../contract.ts';
import { nitro } from './framework.ts';

describeFramework(nitro);
