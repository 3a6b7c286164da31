import 'reflect-metadata';
import { createServer } from 'node:http';
import { Container } from 'inversify';
import { controller, httpGet, InversifyExpressServer } from 'inversify-express-utils';
import { meet } from '../meet.mjs';

/** A class with a method for each path; the decorators are applied by hand, for nothing is compiled here. */
function declare(base, methods) {
  class Made {}
  for (const [name, [handle, path, ...middleware]] of Object.entries(methods)) {
    const value = (...args) => handle(...args);
    Object.defineProperty(Made.prototype, name, { value, configurable: true });
    httpGet(path, ...middleware)(Made.prototype, name, Object.getOwnPropertyDescriptor(Made.prototype, name));
  }
  Object.defineProperty(Made, 'name', { value: `Of${base}` });
  controller(base)(Made);
}

const ok = () => 'ok';
const meets = async () => {
  await meet();
  return 'ok';
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};
const close = (_request, response) => response.sendStatus(403);

declare('/', {
  root: [ok, '/'],
  health: [ok, '/health'],
  user: [ok, '/users/:id'],
  denied: [ok, '/denied/:id'],
  file: [ok, '/files/*'],
  throws: [fail, '/throws/:id'],
  meets: [meets, '/meets/:id'],
  closed: [ok, '/closed/:id', close],
});
declare('/tenants/:tenant', {
  item: [ok, '/items/:item'],
  throws: [fail, '/throws/:id'],
  rejects: [failLater, '/rejects/:id'],
  meets: [meets, '/meets/:id'],
});

const app = new InversifyExpressServer(new Container())
  .setConfig((made) => {
    made.set('env', 'test');
    made.use('/denied', (_request, response) => response.sendStatus(401));
  })
  .build();
const server = createServer(app).listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
