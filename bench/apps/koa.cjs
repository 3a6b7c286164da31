/**
 * Koa with @koa/router: three middlewares and a router nested at a path with a parameter. A Prometheus client as
 * an argument: measured by hand.
 */
const http = require('node:http');
const Router = require('@koa/router');
const Koa = require('koa');
const createByHand = require('./prom-client-by-hand.cjs');
const serve = require('./serve.cjs');

const app = new Koa();
let routes;

const byHand = createByHand(process.argv[2]);
if (byHand) {
  app.use(async (context, next) => {
    byHand.observe(context.req, context.res, () => context._matchedRoute ?? 'none');
    await next();
  });
  routes = byHand.routes;
}

app.use(async (context, next) => {
  context.set('x-request-id', '0123456789abcdef');
  await next();
});
app.use(async (context, next) => {
  context.state.user = context.get('x-user') || 'nobody';
  await next();
});
app.use(async (context, next) => {
  if (context.path.startsWith('/internal')) context.status = 403;
  else await next();
});

const posts = new Router();
posts.get('/posts', (context) => {
  context.body = { user: context.params.user, posts: [1, 2, 3] };
});
posts.get('/posts/:post', (context) => {
  context.body = { user: context.params.user, post: context.params.post, title: 'Notes' };
});
const router = new Router();
router.get('/health', (context) => {
  context.body = { ok: true };
});
router.use('/users/:user', posts.routes());
app.use(router.routes());

serve(http.createServer(app.callback()), { routes });
