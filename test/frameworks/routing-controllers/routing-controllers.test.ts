import { describeFramework } from '../contract.ts';
import { routingControllers } from './framework.ts';

describeFramework(routingControllers);
