import { describeFramework } from '../contract.ts';
import { reactRouter } from './framework.ts';

describeFramework(reactRouter);
