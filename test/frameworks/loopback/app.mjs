import { createServer } from 'node:http';
import { api, DefaultSequence, get, MiddlewareSequence, RestApplication, Router } from '@loopback/rest';
import express from 'express';
import { meet } from '../meet.mjs';

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
const answer = (_request, response) => response.send('ok');

/** A class with a method for each path; the decorators are applied by hand, for nothing is compiled here. */
function controller(basePath, methods) {
  class Made {}
  for (const [path, handle] of Object.entries(methods)) {
    const value = (...args) => handle(...args);
    Object.defineProperty(Made.prototype, path, { value, configurable: true });
    get(path)(Made.prototype, path, Object.getOwnPropertyDescriptor(Made.prototype, path));
  }
  api({ basePath, paths: {} })(Made);
  return Made;
}

const app = new RestApplication({ rest: { port: 0, host: '127.0.0.1' } });
const declared = ['/', '/health', '/users/{id}', '/denied/{id}'].map((path) => [path, ok]);
app.controller(
  controller('/', { ...Object.fromEntries(declared), '/throws/{id}': fail, '/meets/{id}': meets }),
  'Contract',
);
app.controller(
  controller('/tenants/{tenant}', {
    '/items/{item}': ok,
    '/throws/{id}': fail,
    '/rejects/{id}': failLater,
    '/meets/{id}': meets,
  }),
  'Tenants',
);
app.middleware(({ request, response }, next) =>
  request.path.startsWith('/denied/') ? response.sendStatus(401) : next(),
);
app.mountExpressRouter('/files', Router().get('/*', answer));
app.mountExpressRouter('/mount/:name', Router().get('/express/:id', answer));
app.route('get', '/handled/{id}', { responses: {} }, ok);
app.redirect('/old', '/health');

/** As in LoopBack's guide to an app of Express: https://loopback.io/doc/en/lb4/express-with-lb4-rest-tutorial.html */
async function mount() {
  const outer = express();
  for (const [path, sequence] of [
    ['/outer/:outer', MiddlewareSequence],
    ['/actions/:outer', DefaultSequence],
  ]) {
    const inner = new RestApplication({ rest: { basePath: '/api', listenOnStart: false, sequence } });
    inner.controller(controller('/', { '/users/{id}': ok }), 'Inner');
    inner.route('get', '/handled/{id}', { responses: {} }, ok);
    outer.use(path, inner.requestHandler);
  }
  outer.use(app.requestHandler);
  const server = createServer(outer).listen(0, '127.0.0.1', () =>
    console.log(`http://127.0.0.1:${server.address().port}/`),
  );
}

async function start() {
  await app.start();
  console.log(app.restServer.url);
}

if (process.env.MOUNTED) mount();
else start();
