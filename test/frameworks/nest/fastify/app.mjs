import { FastifyAdapter } from '@nestjs/platform-fastify';
import { start } from '../start.mjs';

start(new FastifyAdapter());
