import { describeFramework } from '../contract.ts';
import { router } from './framework.ts';

describeFramework(router);
