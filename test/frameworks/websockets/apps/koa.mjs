import Router from '@koa/router';
import Koa from 'koa';
import easyWs from 'koa-easy-ws';
import { announce, meetBy } from './rooms.mjs';

const router = new Router()
  .get('/rooms/:room', async (ctx) => meetBy(await ctx.ws()))
  .get('/guarded/:id', (ctx) => {
    ctx.status = 401;
    ctx.set('connection', 'close');
  });
const app = new Koa().use(easyWs()).use(router.routes());
app.silent = true;
const server = app.listen(0, '127.0.0.1', () => announce(server));
