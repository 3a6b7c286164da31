import assert from 'node:assert/strict';
import Hapi from '@hapi/hapi';
import { meet } from '../meet.mjs';

const ok = () => 'ok';
const meets = async () => {
  await meet();
  return 'ok';
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};
const denied = (h) => h.response('denied').code(401).takeover();
const refuse = () => {
  throw new Error('refused');
};

async function start() {
  const server = Hapi.server({ host: '127.0.0.1', port: 0, debug: false });
  server.auth.scheme('nobody', () => ({ authenticate: (_request, h) => denied(h) }));
  server.auth.strategy('nobody', 'nobody');
  server.ext('onRequest', (request, h) => {
    if (request.path === '/old/7') request.setUrl('/users/7');
    return request.path.startsWith('/denied/') ? denied(h) : h.continue;
  });
  server.ext('onPreHandler', (request, h) => (request.path.startsWith('/guarded/') ? denied(h) : h.continue));

  const get = (path, handler = ok, more = {}) => ({ method: 'GET', path, handler, ...more });
  server.route([
    get('/'),
    get('/health'),
    get('/users/{id}'),
    get('/files/{path*}'),
    get('/denied/{id}'),
    get('/throws/{id}', fail),
    get('/meets/{id}', meets),
    get('/private/{id}', ok, { options: { auth: 'nobody' } }),
    get('/guarded/{id}'),
    get('/checked/{id}', ok, { options: { validate: { params: refuse } } }),
    get('/optional/{id?}'),
    get('/two/{id*2}'),
    get('/named/{name}.json'),
    get('/hosted/{id}', ok, { vhost: 'routes.example' }),
    get('/hosted/{any*}', ok),
    {
      method: '*',
      path: '/{any*}',
      vhost: 'fallback.example',
      handler: (_request, h) => h.response().code(404),
    },
    { method: 'GET', path: '/{any*}', vhost: 'everything.example', handler: ok },
    { method: ['PUT', 'PATCH'], path: '/changes/{id}', handler: ok },
  ]);
  await server.register(
    {
      name: 'tenants',
      register: (inner) =>
        inner.route([
          get('/items/{item}'),
          get('/throws/{id}', fail),
          get('/rejects/{id}', failLater),
          get('/meets/{id}', meets),
        ]),
    },
    { routes: { prefix: '/tenants/{tenant}' } },
  );

  const { statusCode, result } = await server.inject('/users/7');
  assert.deepEqual({ statusCode, result }, { statusCode: 200, result: 'ok' });
  await server.start();
  const injected = await server.inject('/users/7');
  assert.equal(injected.request.route.path, '/users/{id}');
  console.log(`${server.info.uri}/`);
}

start();
