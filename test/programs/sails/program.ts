import type { Program } from '../program.ts';

export const sails: Program = {
  name: 'sails',
  is: 'the application that its command line makes, with routes more, on an Express within',
  packages: { sails: '1.5.18' },
  sources: new URL('project', import.meta.url),
  build: [
    ['sails', 'new', 'app', '--fast', '--minimal'],
    ['cp', '-r', 'more/.', 'app'],
  ],
  directory: 'project',
  command: ({ port }) => ['node', 'app/app.js', '--port', String(port)],
  varying: [[/:: \w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT.*/g, ':: <time>']],
  exchanges: [
    ['GET /users/1', 200, '/users/:id'],
    ['HEAD /users/1', 200, '/users/:id'],
    ['GET /users/9', 404, '/users/:id'],
    ['GET /users/ann', 400, '/users/:id'],
    [{ send: 'POST /users', json: { name: 'ann' } }, 201, '/users'],
    ['GET /broken/1', 500, '/broken/:id'],
    ['GET /files/a/b.txt', 200, '/files/*'],
    ['DELETE /users/1', 404, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
