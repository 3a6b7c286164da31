import express from 'express';
import { meet } from '../meet.mjs';

const ok = (_request, response) => response.send('ok');
const meets = (_request, response) => void meet().then(() => response.send('ok'));
const fail = () => {
  throw new Error('thrown');
};
const failLater = async (_request, _response, next) => {
  await null;
  next(new Error('rejected'));
};

const tenant = express
  .Router()
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);

const app = express();
// With this value it does not log errors.
app.set('env', 'test');
app.use('/denied', (_request, response) => response.sendStatus(401));
for (const path of ['/', '/health', '/users/:id', '/denied/:id', process.env.WILDCARD]) app.get(path, ok);
app.get('/throws/:id', fail);
app.get('/meets/:id', meets);
app.get(['/dogs/:id', '/cats/:id'], ok);
app.get(/^\/numbers\/(\d+)$/, ok);
app.use('/tenants/:tenant', tenant);
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
