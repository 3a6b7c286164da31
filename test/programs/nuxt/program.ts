import type { Program } from '../program.ts';

/** Nitro keeps routes to itself; a plugin of the app may report them by `route()`: unchanged, it has none. */
const UNKNOWN = undefined;

export const nuxt: Program = {
  name: 'nuxt',
  is: 'pages and server routes, bundled by Nitro',
  packages: { nuxt: '4.5.2', vite: '8.2.6', vue: '3.5.45', 'vue-router': '5.5.1' },
  sources: new URL('project', import.meta.url),
  build: [['nuxt', 'build']],
  directory: 'project',
  command: () => ['node', '.output/server/index.mjs'],
  env: ({ port }) => ({ HOST: '127.0.0.1', PORT: String(port) }),
  exchanges: [
    // Fetches /api/items/1, which is no request: Nitro calls the handler.
    ['GET /', 200, UNKNOWN],
    ['GET /users/ann', 200, UNKNOWN],
    ['HEAD /users/ann', 200, UNKNOWN],
    ['GET /api/items/7', 200, UNKNOWN],
    ['POST /api/items/7', 201, UNKNOWN],
    ['GET /api/items/broken', 500, UNKNOWN],
    ['DELETE /api/items/7', 404, UNKNOWN],
    ['GET /robots.txt', 200, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
