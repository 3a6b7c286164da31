import { describeFramework } from '../contract.ts';
import { loopback } from './framework.ts';

describeFramework(loopback);
