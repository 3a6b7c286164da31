import { describeFramework } from '../contract.ts';
import { sails } from './framework.ts';

describeFramework(sails);
