/**
 * Hono on @hono/node-server: three middlewares and an app routed at a path with a parameter. `@hono/prometheus` as an
 * argument: measured by that middleware.
 */
import { serve as listen } from '@hono/node-server';
import { Hono } from 'hono';
import promClientRoutes from './prom-client-routes.cjs';
import serve from './serve.cjs';

const app = new Hono();
let routes;

if (process.argv[2] === '@hono/prometheus') {
  const [{ prometheus }, { Registry }] = await Promise.all([
    import('@hono/prometheus'),
    import('prom-client'),
  ]);
  const registry = new Registry();
  app.use('*', prometheus({ registry }).registerMetrics);
  routes = () => promClientRoutes(registry, 'route');
}

app.use(async (context, next) => {
  context.header('x-request-id', '0123456789abcdef');
  await next();
});
app.use(async (context, next) => {
  context.set('user', context.req.header('x-user') ?? 'nobody');
  await next();
});
app.use('/internal/*', async (context) => context.body(null, 403));

const posts = new Hono();
posts.get('/posts', (context) => context.json({ user: context.req.param('user'), posts: [1, 2, 3] }));
posts.get('/posts/:post', (context) =>
  context.json({ user: context.req.param('user'), post: context.req.param('post'), title: 'Notes' }),
);
app.get('/health', (context) => context.json({ ok: true }));
app.route('/users/:user', posts);

const server = listen({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => serve(server, { routes }));
