/**
 * Fastify: two hooks and a plugin at a prefix with a parameter. `fastify-metrics` as an argument: measured by that
 * plugin.
 */
const fastify = require('fastify');
const promClientRoutes = require('./prom-client-routes.cjs');
const serve = require('./serve.cjs');

async function posts(users) {
  users.get('/posts', async (request) => ({ user: request.params.user, posts: [1, 2, 3] }));
  users.get('/posts/:post', async (request) => ({
    user: request.params.user,
    post: request.params.post,
    title: 'Notes',
  }));
}

async function start() {
  const app = fastify();
  let routes;
  if (process.argv[2] === 'fastify-metrics') {
    await app.register(require('fastify-metrics'), { endpoint: '/metrics' });
    routes = () => promClientRoutes(app.metrics.client.register, 'route');
  }
  app.decorateRequest('user', '');
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-request-id', '0123456789abcdef');
  });
  app.addHook('onRequest', async (request) => {
    request.user = request.headers['x-user'] ?? 'nobody';
  });
  app.all('/internal/*', async (_request, reply) => reply.code(403).send());
  app.get('/health', async () => ({ ok: true }));
  await app.register(posts, { prefix: '/users/:user' });
  await app.listen({ port: 0, host: '127.0.0.1' });
  serve(app.server, { routes });
}

start();
