import { describeFramework } from '../contract.ts';
import { inversify } from './framework.ts';

describeFramework(inversify);
