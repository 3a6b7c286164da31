import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { matchedRoutes } from 'hono/route';
import { route } from 'routemeter';

const app = new Hono();
app.use('*', async (c, next) => {
  await next();
  const pattern = matchedRoutes(c).at(-1)?.path;
  route(pattern === '/*' ? null : pattern);
});
app.get('/users/:id', (c) => c.text('ok'));
app.get('/throws/:id', () => {
  throw new Error('thrown');
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}/`),
);
