import { describeFramework } from '../contract.ts';
import { feathersExpress } from './framework.ts';

describeFramework(feathersExpress);
