import Router from '@koa/router';
import Koa from 'koa';
import { meet } from '../meet.mjs';

const ok = (ctx) => {
  ctx.body = 'ok';
};
const meets = async (ctx) => {
  await meet();
  ctx.body = 'ok';
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};

const tenant = new Router({ prefix: '/tenants/:tenant' })
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);
const router = new Router()
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/denied/:id', ok)
  .get(process.env.WILDCARD ?? '/files{/*path}', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .get(['/dogs/:id', '/cats/:id'], ok)
  .get(/^\/numbers\/(\d+)$/, ok)
  .use(tenant.routes());

const app = new Koa();
app.silent = true;
app.use((ctx, next) => (ctx.path.startsWith('/denied/') ? ctx.throw(401) : next()));
app.use(router.routes()).use(router.allowedMethods());
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
