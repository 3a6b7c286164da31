import { NotAuthenticated, NotFound } from '@feathersjs/errors';
import { feathers } from '@feathersjs/feathers';
import { bodyParser, errorHandler, koa, rest } from '@feathersjs/koa';
import { meet } from '../meet.mjs';

const ok = async () => ({ ok: true });
const fail = async () => {
  throw new Error('thrown');
};
const meets = async () => {
  await meet();
  return { ok: true };
};
const notFound = async () => {
  throw new NotFound();
};

const app = koa(feathers());
app.use(errorHandler());
app.use((ctx, next) => {
  if (ctx.path.startsWith('/denied/')) throw new NotAuthenticated();
  return next();
});
app.use(bodyParser());
app.configure(rest());
app.use('/', { find: ok });
app.use('health', { find: ok });
app.use('users', { find: ok, get: ok });
app.use('notes', { create: ok });
app.use('denied', { get: ok });
app.use('throws', { get: () => fail() });
app.use('meets', { get: meets });
app.use('missing', { get: notFound });
app.use('hooked', { get: ok });
app.service('hooked').hooks({ before: { get: [fail] } });
app.use('tenants/:tenant/items', { get: ok });
app.use('tenants/:tenant/throws', { get: () => fail() });
app.use('tenants/:tenant/rejects', { get: fail });
app.use('tenants/:tenant/meets', { get: meets });
app.listen(0, '127.0.0.1').then((server) => {
  server.once('listening', () => console.log(`http://127.0.0.1:${server.address().port}/`));
});
