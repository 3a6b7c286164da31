import { describeFramework } from '../contract.ts';
import { hono } from './framework.ts';

describeFramework(hono);
