import { jsonServer } from './json-server.ts';
import type { Program } from './program.ts';
import { verdaccio } from './verdaccio.ts';

/** In the order in which they are tried. */
export const programs: readonly Program[] = [jsonServer, verdaccio];
