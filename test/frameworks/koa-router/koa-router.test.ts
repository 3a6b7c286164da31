import { describeFramework } from '../contract.ts';
import { koaRouter } from './framework.ts';

describeFramework(koaRouter);
