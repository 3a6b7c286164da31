import type { Program } from '../program.ts';

export const fastifyCli: Program = {
  name: 'fastify-cli',
  is: 'the project that it makes, with a plugin of routes more, by `fastify start`',
  packages: {
    'fastify-cli': '8.0.2',
    fastify: '5.12.8',
    'fastify-plugin': '6.0.1',
    '@fastify/autoload': '6.5.0',
    '@fastify/sensible': '6.0.6',
  },
  sources: new URL('project', import.meta.url),
  build: [
    ['fastify', 'generate', 'app'],
    ['cp', '-r', 'more/.', 'app'],
  ],
  directory: 'project',
  command: ({ port }) => [
    'fastify',
    'start',
    '-l',
    'info',
    '-a',
    '127.0.0.1',
    '-p',
    String(port),
    'app/app.js',
  ],
  // The stacks in its log are compared as a whole, but for what Fastify itself puts there to call one hook more.
  env: () => ({ NODE_OPTIONS: '--stack-trace-limit=100' }),
  logged: (output) => output.split('request completed').length === 13,
  varying: [
    [/\\n {4}at (?:next|handleReject.handleResolve) \([^)]*fastify\/lib\/hooks\.js[^)]*\)/g, ''],
    [/"time":\d+/g, '"time":<time>'],
    [/"pid":\d+/g, '"pid":<pid>'],
    [/"responseTime":[\d.]+/g, '"responseTime":<duration>'],
    [/"remotePort":\d+/g, '"remotePort":<port>'],
  ],
  exchanges: [
    ['GET /', 200, '/'],
    ['GET /example', 200, '/example'],
    ['GET /users/1', 200, '/users/:id'],
    ['HEAD /users/1', 200, '/users/:id'],
    ['GET /users/9', 404, '/users/:id'],
    [{ send: 'GET /users/1', headers: { authorization: 'nobody' } }, 401, '/users/:id'],
    ['GET /users/1/files/a/b.txt', 200, '/users/:id/files/*'],
    [{ send: 'POST /users', json: { name: 'ann' } }, 201, '/users'],
    [{ send: 'POST /users', json: {} }, 400, '/users'],
    ['DELETE /users/1', 404, undefined],
    ['OPTIONS /users', 404, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
