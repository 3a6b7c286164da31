/**
 * Hapi: two extensions and a plugin at a prefix with a parameter. `@promster/hapi` as an argument: measured by that
 * plugin.
 */
const Hapi = require('@hapi/hapi');
const promClientRoutes = require('./prom-client-routes.cjs');
const serve = require('./serve.cjs');

const posts = {
  name: 'posts',
  register(server) {
    server.route([
      {
        method: 'GET',
        path: '/posts',
        handler: (request) => ({ user: request.params.user, posts: [1, 2, 3] }),
      },
      {
        method: 'GET',
        path: '/posts/{post}',
        handler: (request) => ({
          user: request.params.user,
          post: request.params.post,
          title: 'Notes',
        }),
      },
    ]);
  },
};

async function start() {
  const server = Hapi.server({ port: 0, host: '127.0.0.1' });
  let routes;
  if (process.argv[2] === '@promster/hapi') {
    const { createPlugin, defaultRegister } = require('@promster/hapi');
    await server.register(createPlugin());
    routes = () => promClientRoutes(defaultRegister, 'path');
  }
  server.ext('onRequest', (request, h) => {
    request.app.user = request.headers['x-user'] ?? 'nobody';
    return h.continue;
  });
  server.ext('onPreResponse', (request, h) => {
    if (!request.response.isBoom) request.response.header('x-request-id', '0123456789abcdef');
    return h.continue;
  });
  server.route({ method: '*', path: '/internal/{p*}', handler: (_request, h) => h.response().code(403) });
  server.route({ method: 'GET', path: '/health', handler: () => ({ ok: true }) });
  await server.register(posts, { routes: { prefix: '/users/{user}' } });
  await server.start();
  serve(server.listener, { routes });
}

start();
