import { describeFramework } from '../contract.ts';
import { fastify, fastifyExpress, fastifyMiddie } from './framework.ts';

for (const framework of [fastify, fastifyExpress, fastifyMiddie]) describeFramework(framework);
