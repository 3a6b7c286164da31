import { describeFramework } from '../contract.ts';
import { koaInExpress } from './framework.ts';

describeFramework(koaInExpress);
