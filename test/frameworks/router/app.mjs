import { createServer } from 'node:http';
import Router from 'router';
import { meet } from '../meet.mjs';

const ok = (_request, response) => response.end('ok');
const meets = (_request, response) => void meet().then(() => response.end('ok'));
const fail = () => {
  throw new Error('thrown');
};
const failLater = async (_request, _response, next) => {
  await null;
  next(new Error('rejected'));
};
const answer = (response, status) => {
  response.statusCode = status;
  response.end();
};

const tenant = Router()
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);

const router = Router();
router.use('/denied', (_request, response) => answer(response, 401));
for (const path of ['/', '/health', '/users/:id', '/denied/:id', process.env.WILDCARD]) router.get(path, ok);
router.get('/throws/:id', fail);
router.get('/meets/:id', meets);
router.get(['/dogs/:id', '/cats/:id'], ok);
router.get(/^\/numbers\/(\d+)$/, ok);
router.use('/tenants/:tenant', tenant);
const server = createServer((request, response) =>
  router(request, response, (error) => answer(response, error ? (error.status ?? 500) : 404)),
).listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
