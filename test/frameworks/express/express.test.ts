import { describeFramework } from '../contract.ts';
import { express } from './framework.ts';

describeFramework(express);
