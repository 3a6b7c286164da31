import assert from 'node:assert/strict';
import Router from '@koa/router';
import Koa from 'koa';
import mount from 'koa-mount';
import { fail, failLater, guard, listen, meets, ok, pass } from '../koa/handlers.mjs';

const tenants = new Router()
  .get('/:tenant/items/:item', ok)
  .get('/:tenant/throws/:id', fail)
  .get('/:tenant/rejects/:id', failLater)
  .get('/:tenant/meets/:id', meets);
const router = new Router()
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/denied/:id', ok)
  .get(process.env.WILDCARD ?? '/files{/*path}', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .get(['/dogs/:id', '/cats/:id'], ok)
  .get('/open/:id', ok);
const users = new Router().get('/users/:id', ok);
const twice = new Router().get('/:id', ok);
const mounted = new Router()
  .get('/', ok)
  .get('/users/:id', ok)
  .get('/mount-path', (ctx) => {
    assert.equal(ctx.mountPath, '/admin');
    ctx.body = 'ok';
  });
const fallback = new Router().all(process.env.FALLBACK ?? '/{*path}', (ctx) => ctx.throw(404));

const admin = new Koa();
admin.use(mounted.routes());
const app = new Koa();
app.use(guard);
app.use(mount('/open', pass));
app.use(mount('/twice', mount('/7', pass)));
app.use(mount('/twice', twice.routes()));
app.use(mount('/tenants', tenants.routes()));
app.use(mount('/api', mount('/v1', users.routes())));
app.use(mount('/admin', admin));
app.use(mount('/', router.routes()));
app.use(fallback.routes());
listen(app);
