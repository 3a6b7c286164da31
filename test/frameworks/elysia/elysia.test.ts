import { describeFramework } from '../contract.ts';
import { elysia } from './framework.ts';

describeFramework(elysia);
