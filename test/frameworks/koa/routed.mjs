import { fail, failLater, guard, guardDoors, listen, meets, ok, pass } from './handlers.mjs';

/** The app, by whichever of the two packages that are one router. */
export function serve(Koa, Router) {
  const tenant = new Router({ prefix: '/tenants/:tenant' })
    .get('/items/:item', ok)
    .get('/throws/:id', fail)
    .get('/rejects/:id', failLater)
    .get('/meets/:id', meets);
  const area = new Router().get('/rooms/:room', ok);
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
    .get('/pets/new', ok)
    .get('/pets/:id', ok)
    .get('/missing/:id', pass)
    .get('/again/:id', (ctx) => {
      ctx.app.createContext(ctx.req, ctx.res);
      ok(ctx);
    })
    .use(tenant.routes())
    .use('/houses/:house', area.routes());
  const other = new Router().use(guardDoors).get('named', '/other/:id', ok).get('/other/:id/door', ok);

  const app = new Koa();
  app.use(guard);
  app.use(router.routes()).use(router.allowedMethods()).use(other.routes());
  listen(app);
}
