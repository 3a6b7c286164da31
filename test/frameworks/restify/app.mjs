import restify from 'restify';
import { meet } from '../meet.mjs';

const ok = async (_request, response) => response.send('ok');
const meets = async (_request, response) => {
  await meet();
  response.send('ok');
};
const fail = (_request, _response, _next) => {
  throw new Error('thrown');
};
const failLater = async () => {
  await null;
  throw new Error('thrown');
};
const refuse = (response, next) => {
  response.send(401);
  next(false);
};

const server = restify.createServer({ handleUncaughtExceptions: true });
// Without it the error of a synchronous handler is printed.
server.on('uncaughtException', (_request, response) => response.send(500));
server.pre((request, response, next) =>
  request.path().startsWith('/denied/') ? refuse(response, next) : next(),
);
server.use((request, response, next) =>
  request.path().startsWith('/guarded/') ? refuse(response, next) : next(),
);

server.get('/', ok);
server.get('/health', ok);
server.get('/users/:id', ok);
server.head('/users/:id', ok);
server.get('/files/*', ok);
server.get('/denied/:id', ok);
server.get('/guarded/:id', ok);
server.get('/throws/:id', fail);
server.get('/meets/:id', meets);
server.get('/tenants/:tenant/items/:item', ok);
server.get('/tenants/:tenant/throws/:id', fail);
server.get('/tenants/:tenant/rejects/:id', failLater);
server.get('/tenants/:tenant/meets/:id', meets);
server.get('/numbers/:number(^\\d+$)', ok);
server.get('/versions/:id', restify.plugins.conditionalHandler([{ version: '1.0.0', handler: ok }]));
server.get('/missing/:id', (_request, response, next) => {
  response.send(404);
  next();
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
