import 'reflect-metadata';
import { createServer } from 'node:http';
import {
  Config,
  controller,
  createApp,
  Get,
  Hook,
  HttpResponseOK,
  HttpResponseUnauthorized,
} from '@foal/core';
import { meet } from '../meet.mjs';

/** A class with a method for each path; the decorators are applied by hand, for nothing is compiled here. */
function declare(methods) {
  class Made {}
  for (const [name, [handle, path, ...hooks]] of Object.entries(methods)) {
    const value = (...args) => handle(...args);
    Object.defineProperty(Made.prototype, name, { value, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(Made.prototype, name);
    for (const decorate of [Get(path), ...hooks]) decorate(Made.prototype, name, descriptor);
  }
  return Made;
}

const ok = () => new HttpResponseOK('ok');
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

const Contract = declare({
  root: [ok, '/'],
  health: [ok, '/health'],
  user: [ok, '/users/:id'],
  denied: [ok, '/denied/:id', Hook(() => new HttpResponseUnauthorized())],
  file: [ok, '/files/*'],
  throws: [fail, '/throws/:id'],
  meets: [meets, '/meets/:id'],
});
const Tenants = declare({
  item: [ok, '/items/:item'],
  throws: [fail, '/throws/:id'],
  rejects: [failLater, '/rejects/:id'],
  meets: [meets, '/meets/:id'],
});

class AppController {
  subControllers = [controller('', Contract), controller('/tenants/:tenant', Tenants)];
}

async function start() {
  Config.set('settings.logger.logHttpRequests', false);
  const app = await createApp(AppController);
  const server = createServer(app).listen(0, '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${server.address().port}/`),
  );
}
start();
