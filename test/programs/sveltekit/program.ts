import type { Program } from '../program.ts';

/** Only its own code knows the route, and may report it by `route()`: unchanged, it has none. */
const UNKNOWN = undefined;

export const sveltekit: Program = {
  name: 'sveltekit',
  is: 'pages and endpoints, bundled by adapter-node',
  packages: {
    '@sveltejs/adapter-node': '6.0.1',
    '@sveltejs/kit': '3.2.0',
    '@sveltejs/vite-plugin-svelte': '7.3.1',
    svelte: '5.57.3',
    vite: '8.4.0',
  },
  sources: new URL('project', import.meta.url),
  build: [
    ['npm', 'pkg', 'set', 'type=module'],
    ['vite', 'build'],
  ],
  directory: 'project',
  command: () => ['node', 'build'],
  env: ({ port }) => ({ HOST: '127.0.0.1', PORT: String(port) }),
  exchanges: [
    ['GET /', 200, UNKNOWN],
    ['GET /users/ann', 200, UNKNOWN],
    ['HEAD /users/ann', 200, UNKNOWN],
    ['GET /users/nobody', 404, UNKNOWN],
    ['GET /users/ann/__data.json', 200, UNKNOWN],
    ['GET /api/items/7', 200, UNKNOWN],
    // From another origin, as far as SvelteKit knows.
    ['POST /api/items/7', 403, UNKNOWN],
    [{ send: 'POST /api/items/7', json: {} }, 201, UNKNOWN],
    ['GET /api/items/broken', 500, UNKNOWN],
    ['DELETE /api/items/7', 403, UNKNOWN],
    ['GET /files/a/b.txt', 200, UNKNOWN],
    ['GET /private/page', 401, undefined],
    ['GET /robots.txt', 200, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
