import { ExpressAdapter } from '@nestjs/platform-express';
import { start } from '../start.mjs';

start(new ExpressAdapter());
