import express, { errorHandler, notFound, rest } from '@feathersjs/express';
import { feathers } from '@feathersjs/feathers';
import { meet } from '../meet.mjs';

const ok = async () => ({ text: 'ok' });
const meets = async () => {
  await meet();
  return ok();
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};
const answer = (_request, response) => response.send('ok');

const app = express(feathers());
app.use('/denied', (_request, response) => response.sendStatus(401));
app.configure(rest());
app.get('/', answer);
app.get('/files/*', answer);
app.get(['/dogs/:id', '/cats/:id'], answer);
app.get(/^\/numbers\/(\d+)$/, answer);

const reading = { methods: ['find', 'get'] };
app.use('health', { find: ok }, { methods: ['find'] });
app.use('users', { find: ok, get: ok, remove: ok, mail: ok }, { methods: ['find', 'get', 'remove', 'mail'] });
app.use('denied', { find: ok, get: ok }, reading);
app.use('throws', { find: ok, get: fail }, reading);
app.use('meets', { find: ok, get: meets }, reading);
app.use('tenants/:tenant/items', { find: ok, get: ok }, reading);
app.use('tenants/:tenant/throws', { find: ok, get: fail }, reading);
app.use('tenants/:tenant/rejects', { find: ok, get: failLater }, reading);
app.use('tenants/:tenant/meets', { find: ok, get: meets }, reading);
app.use(notFound());
app.use(errorHandler({ logger: false, html: undefined }));
app
  .listen(0, '127.0.0.1')
  .then((server) =>
    server.once('listening', () => console.log(`http://127.0.0.1:${server.address().port}/`)),
  );
