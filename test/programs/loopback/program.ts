import type { Program } from '../program.ts';

const APP = { name: 'app', applicationName: 'TodoApplication', description: 'todos', outdir: 'app' };

export const loopback: Program = {
  name: 'loopback',
  is: 'the application that its command line makes, with a controller more',
  packages: {
    '@loopback/boot': '8.0.16',
    '@loopback/cli': '7.0.17',
    '@loopback/core': '7.0.15',
    '@loopback/rest': '15.0.16',
    '@loopback/rest-explorer': '8.0.16',
    '@types/node': '20.19.43',
    'source-map-support': '0.5.21',
    tslib: '2.9.1',
    typescript: '5.2.2',
  },
  sources: new URL('project', import.meta.url),
  build: [
    ['lb4', 'app', '--config', JSON.stringify(APP), '--skip-install', '--yes'],
    ['rm', '-r', 'app/src/__tests__'],
    ['tsc', '--project', 'app'],
  ],
  directory: 'project',
  command: () => ['node', '-r', 'source-map-support/register', 'app'],
  env: ({ port }) => ({ PORT: String(port) }),
  exchanges: [
    ['GET /', 200, undefined],
    ['GET /ping', 200, '/ping'],
    ['GET /todos', 200, '/todos'],
    ['GET /todos/1', 200, '/todos/{id}'],
    ['GET /todos/9', 404, '/todos/{id}'],
    ['GET /todos/one', 400, '/todos/{id}'],
    [{ send: 'POST /todos', json: { title: 'two' } }, 200, '/todos'],
    [{ send: 'POST /todos', json: {} }, 422, '/todos'],
    ['DELETE /todos/1', 204, '/todos/{id}'],
    ['DELETE /todos/9', 500, '/todos/{id}'],
    ['GET /openapi.json', 200, '/openapi.json'],
    ['OPTIONS /todos', 204, undefined],
    ['PUT /todos/1', 404, undefined],
    ['GET /nothing', 404, undefined],
  ],
};
