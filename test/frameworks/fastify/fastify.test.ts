import { describeFramework } from '../contract.ts';
import { fastify } from './framework.ts';

describeFramework(fastify);
