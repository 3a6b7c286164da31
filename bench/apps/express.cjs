/**
 * Express: four middlewares and a router mounted at a path with a parameter. Arguments: what measures it, a
 * Prometheus client by hand, the middleware `express-prom-bundle` or `nothing`; the package that Express is, which is
 * Express 5 by default.
 */
const http = require('node:http');
const createByHand = require('./prom-client-by-hand.cjs');
const serve = require('./serve.cjs');

const [, , measuredBy, version = 'express'] = process.argv;
const express = require(version);
const app = express();
let counted = globalThis.otelCounted;
let { otelRoutes: routes } = globalThis;

const byHand = createByHand(measuredBy);
if (byHand) {
  const route = (request) => (request.route ? request.baseUrl + request.route.path : 'none');
  app.use((request, response, next) => {
    byHand.observe(request, response, route);
    next();
  });
  ({ counted, routes } = byHand);
} else if (measuredBy === 'express-prom-bundle') {
  const bundle = require('express-prom-bundle');
  app.use(bundle({ includeMethod: true, includePath: true }));
  counted = () => require('./prom-client-counted.cjs')(bundle.promClient.register);
  routes = () => require('./prom-client-routes.cjs')(bundle.promClient.register, 'path');
}

app.use(express.json());
app.use((_request, response, next) => {
  response.setHeader('x-request-id', '0123456789abcdef');
  next();
});
app.use((request, response, next) => {
  response.locals.user = request.headers['x-user'] ?? 'nobody';
  next();
});
app.use('/internal', (_request, response) => response.sendStatus(403));

const posts = express.Router({ mergeParams: true });
posts.get('/posts', (request, response) => response.json({ user: request.params.user, posts: [1, 2, 3] }));
posts.get('/posts/:post', (request, response) =>
  response.json({ user: request.params.user, post: request.params.post, title: 'Notes' }),
);
app.get('/health', (_request, response) => response.json({ ok: true }));
app.use('/users/:user', posts);

serve(http.createServer(app), { counted, routes });
