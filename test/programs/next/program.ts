import type { Program } from '../program.ts';

export const next: Program = {
  name: 'next',
  is: 'pages and route handlers, built, by `next start`',
  packages: { next: '16.4.6', react: '19.3.1', 'react-dom': '19.3.1' },
  sources: new URL('project', import.meta.url),
  build: [['next', 'build']],
  directory: 'project',
  command: ({ port }) => ['next', 'start', '--hostname', '127.0.0.1', '--port', String(port)],
  ready: /Ready in/,
  env: () => ({ NEXT_TELEMETRY_DISABLED: '1' }),
  exchanges: [
    ['GET /', 200, '/'],
    ['GET /users/1/posts/2', 200, '/users/[user]/posts/[post]'],
    ['HEAD /users/1/posts/2', 200, '/users/[user]/posts/[post]'],
    ['GET /api/items/7', 200, '/api/items/[id]'],
    ['POST /api/items/7', 201, '/api/items/[id]'],
    ['GET /api/items/broken', 500, '/api/items/[id]'],
    ['DELETE /api/items/7', 405, '/api/items/[id]'],
    ['OPTIONS /api/items/7', 204, '/api/items/[id]'],
    ['GET /things/7', 200, '/api/items/[id]'],
    ['GET /files/a/b.txt', 200, '/files/[...path]'],
    ['GET /api/old', 200, '/api/old'],
    ['GET /private/page', 401, undefined],
    ['GET /robots.txt', 200, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
