import { describeFramework } from '../contract.ts';
import { koa } from './framework.ts';

describeFramework(koa);
