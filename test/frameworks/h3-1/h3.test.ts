import { describeFramework } from '../contract.ts';
import { h3One } from './framework.ts';

describeFramework(h3One);
