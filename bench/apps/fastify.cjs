/**
 * Fastify: two hooks and a plugin at a prefix with a parameter. An argument: what measures it, a Prometheus
 * client by hand or the plugin `fastify-metrics`.
 */
const fastify = require('fastify');
const createByHand = require('./prom-client-by-hand.cjs');
const promClientCounted = require('./prom-client-counted.cjs');
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
  let counted = globalThis.otelCounted;
  const byHand = createByHand(process.argv[2]);
  if (byHand) {
    app.addHook('onResponse', (request, reply, done) => {
      const { url = 'none' } = request.routeOptions;
      byHand.record(
        { method: request.method, route: url, status: reply.statusCode },
        reply.elapsedTime / 1000,
      );
      done();
    });
    ({ counted, routes } = byHand);
  } else if (process.argv[2] === 'fastify-metrics') {
    await app.register(require('fastify-metrics'), { endpoint: '/metrics' });
    counted = () => promClientCounted(app.metrics.client.register);
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
  serve(app.server, { counted, routes });
}

start();
