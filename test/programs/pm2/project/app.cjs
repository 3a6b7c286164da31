const Koa = require('koa');
const Router = require('@koa/router');

const app = new Koa();
const router = new Router({ prefix: '/api' });

router.get('/users/:id', (ctx) => {
  ctx.body = { id: ctx.params.id };
});
router.post('/users', (ctx) => {
  ctx.status = 201;
  ctx.body = 'made';
});

app.use(router.routes()).use(router.allowedMethods());
app.listen(process.env.PORT, '127.0.0.1', () => console.log('listening'));
