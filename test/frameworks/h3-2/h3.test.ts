import { describeFramework } from '../contract.ts';
import { h3Two } from './framework.ts';

describeFramework(h3Two);
