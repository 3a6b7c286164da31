import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { meet } from '../meet.mjs';

const ok = (c) => c.text('ok');
const meets = async (c) => {
  await meet();
  return c.text('ok');
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};

const tenant = new Hono()
  .use('*', (_c, next) => next())
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);
const app = new Hono()
  .onError((_error, c) => c.text('failed', 500))
  .use('*', async (_c, next) => {
    await null;
    await next();
  })
  .use('/denied/*', (c, next) =>
    c.req.header('authorization') === undefined ? c.text('denied', 401) : next(),
  )
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/files/*', ok)
  .get('/denied/:id', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .on('GET', ['/dogs/:id', '/cats/:id'], ok)
  .get('/numbers/:number{[0-9]+}', ok)
  .route('/tenants/:tenant', tenant);
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}/`),
);
