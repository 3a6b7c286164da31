import Router from '@koa/router';
import express from 'express';
import Koa from 'koa';
import { fail, failLater, guard, meets, ok } from '../koa/handlers.mjs';

function serve(router, ...before) {
  const app = new Koa();
  app.silent = true;
  for (const each of before) app.use(each);
  return app.use(router.routes()).callback();
}

const tenant = new Router()
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);
const main = new Router()
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/denied/:id', ok)
  .get('/files{/*path}', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .get(['/dogs/:id', '/cats/:id'], ok)
  .get(/^\/numbers\/(\d+)$/, ok);
const area = express.Router().use('/area/:area', serve(new Router().get('/', ok).get('/rooms/:room', ok)));

const app = express();
app.use('/tenants/:tenant', serve(tenant));
app.use('/houses/:house', area);
app.use(serve(main, guard));
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
