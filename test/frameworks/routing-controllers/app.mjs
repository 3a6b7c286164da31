import 'reflect-metadata';
import { createServer } from 'node:http';
import express from 'express';
import { Authorized, Controller, Get, useExpressServer } from 'routing-controllers';
import { meet } from '../meet.mjs';

/** A class with a method for each path; the decorators are applied by hand, for nothing is compiled here. */
function controller(base, methods) {
  class Made {}
  for (const [name, [handle, path, ...decorators]] of Object.entries(methods)) {
    const value = (...args) => handle(...args);
    Object.defineProperty(Made.prototype, name, { value, configurable: true });
    const descriptor = Object.getOwnPropertyDescriptor(Made.prototype, name);
    for (const decorate of [Get(path), ...decorators]) decorate(Made.prototype, name, descriptor);
  }
  Controller(base)(Made);
  return Made;
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

const app = express();
app.set('env', 'test');
app.use('/denied', (_request, response) => response.sendStatus(401));
useExpressServer(app, {
  authorizationChecker: () => false,
  controllers: [
    controller('', {
      root: [ok, '/'],
      health: [ok, '/health'],
      user: [ok, '/users/:id'],
      denied: [ok, '/denied/:id'],
      file: [ok, process.env.WILDCARD],
      throws: [fail, '/throws/:id'],
      meets: [meets, '/meets/:id'],
      numbers: [ok, /^\/numbers\/(\d+)$/],
      closed: [ok, '/closed/:id', Authorized()],
      gone: [() => undefined, '/gone/:id'],
    }),
    controller('/tenants/:tenant', {
      item: [ok, '/items/:item'],
      throws: [fail, '/throws/:id'],
      rejects: [failLater, '/rejects/:id'],
      meets: [meets, '/meets/:id'],
    }),
  ],
});
const server = createServer(app).listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
