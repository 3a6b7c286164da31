import http2 from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import Router from '@koa/router';
import Koa from 'koa';

const router = new Router().get('/users/:id', async (ctx) => {
  if (ctx.search === '?late') await turn();
  ctx.body = 'ok';
});
const server = http2.createServer(new Koa().use(router.routes()).callback());
server.listen(0, '127.0.0.1', () => console.log(`http2://127.0.0.1:${server.address().port}/`));
