import polka from 'polka';
import { meet } from '../meet.mjs';

const ok = (_request, response) => response.end('ok');
const meets = async (_request, response) => {
  await meet();
  response.end('ok');
};
// In 0.5 the errors that are thrown end the process.
const fail =
  process.env.FAILS === 'next'
    ? (_request, _response, next) => next(new Error('thrown'))
    : () => {
        throw new Error('thrown');
      };
const failLater = async (_request, _response, next) => {
  await null;
  return fail(_request, _response, next);
};
const missing = (_request, response) => {
  response.statusCode = 404;
  response.end();
};

const tenants = polka()
  .get('/:tenant/items/:item', ok)
  .get('/:tenant/throws/:id', fail)
  .get('/:tenant/rejects/:id', failLater)
  .get('/:tenant/meets/:id', meets);
// Without middleware, handlers of 0.5 have no `next`.
tenants.use((_request, _response, next) => next());
const deep = polka().get('/users/:id', ok).get('/', ok);
const shared = polka().get('/users/:id', ok);

const app = polka();
app.use((request, response, next) => {
  if (!request.path.startsWith('/denied/')) return next();
  response.statusCode = 401;
  response.end();
});
app
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/files/*', ok)
  .get('/denied/:id', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .get('/optional/:id?', ok)
  .get('/missing/:id', missing)
  .put('*', missing)
  .options('*', ok);
if (process.env.REGEXP) app.get(/^\/numbers\/(\d+)$/, ok);
app.use('/tenants', tenants);
app.use('/api', polka().use('/v1', deep));
app.use('/one', shared).use('/two', shared);
app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${app.server.address().port}/`));
