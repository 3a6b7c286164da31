import sails from 'sails';
import { meet } from '../meet.mjs';

const ok = (_request, response) => response.send('ok');
const meets = async (_request, response) => {
  await meet();
  response.send('ok');
};
const fail = () => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  fail();
};

const app = new sails.Sails();
app.lift(
  {
    port: 0,
    explicitHost: '127.0.0.1',
    log: { level: 'silent' },
    hooks: { grunt: false, session: false },
    security: { cors: { allRoutes: true, allowOrigins: '*' } },
    http: {
      middleware: {
        order: ['deny', 'router'],
        deny: (request, response, next) =>
          request.path.startsWith('/denied/') ? response.sendStatus(401) : next(),
      },
    },
    routes: {
      'GET /': ok,
      'GET /health': ok,
      'GET /users/:id': ok,
      'GET /denied/:id': ok,
      'GET /files/*': ok,
      'GET /throws/:id': fail,
      'GET /meets/:id': meets,
      'GET /tenants/:tenant/items/:item': ok,
      'GET /tenants/:tenant/throws/:id': fail,
      'GET /tenants/:tenant/rejects/:id': failLater,
      'GET /tenants/:tenant/meets/:id': meets,
      'GET r|^/numbers/(\\d+)$|number': ok,
      '/any/:id': ok,
      'GET /acts/:id': { action: 'act' },
    },
    controllers: { moduleDefinitions: { act: ok } },
  },
  (error) => {
    if (error) throw error;
    console.log(`http://127.0.0.1:${app.hooks.http.server.address().port}/`);
  },
);
