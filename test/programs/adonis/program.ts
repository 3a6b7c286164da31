import type { Program } from '../program.ts';

export const adonis: Program = {
  name: 'adonis',
  is: 'an API as its starter kit lays it out, in JavaScript',
  packages: { '@adonisjs/core': '7.5.2' },
  sources: new URL('project', import.meta.url),
  build: [['npm', 'pkg', 'set', 'type=module']],
  directory: 'project',
  command: () => ['node', 'bin/server.js'],
  env: ({ port }) => ({ HOST: '127.0.0.1', PORT: String(port), NODE_ENV: 'production' }),
  varying: [
    [/"time":\d+/g, '"time":<time>'],
    [/"pid":\d+/g, '"pid":<pid>'],
    [/"request_id":"\w+"/g, '"request_id":<id>'],
  ],
  varyingHeaders: ['x-request-id'],
  exchanges: [
    ['GET /', 200, '/'],
    ['GET /api/v1/posts', 200, '/api/v1/posts'],
    ['GET /api/v1/posts/1', 200, '/api/v1/posts/:id'],
    ['HEAD /api/v1/posts/1', 200, '/api/v1/posts/:id'],
    ['GET /api/v1/posts/9', 404, '/api/v1/posts/:id'],
    [{ send: 'POST /api/v1/posts', json: { title: 'two' } }, 201, '/api/v1/posts'],
    [
      { send: 'POST /api/v1/posts', text: '{', headers: { 'content-type': 'application/json' } },
      400,
      '/api/v1/posts',
    ],
    ['DELETE /api/v1/posts/1', 500, '/api/v1/posts/:id'],
    ['GET /api/v1/users/ann/files/a/b.txt', 200, '/api/v1/users/:user/files/*'],
    ['GET /private/1', 401, undefined],
    ['OPTIONS /api/v1/posts', 404, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
