import Router from '@koa/router';
import Koa from 'koa';
import { route } from 'routemeter';

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } finally {
    route(ctx._matchedRoute);
  }
});

const router = new Router();
router.get('/users/:id', (ctx) => {
  ctx.body = 'ok';
});
router.get('/throws/:id', () => {
  throw new Error('thrown');
});
app.use(router.routes());
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
