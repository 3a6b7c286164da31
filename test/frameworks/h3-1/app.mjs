import { createServer } from 'node:http';
import { createApp, createError, createRouter, eventHandler, toNodeListener, useBase } from 'h3';
import { meet } from '../meet.mjs';

const ok = eventHandler(() => 'ok');
const meets = eventHandler(async () => {
  await meet();
  return 'ok';
});
const fail = eventHandler(() => {
  throw new Error('thrown');
});
const failLater = eventHandler(async () => {
  await null;
  throw new Error('rejected');
});
const below = (router) =>
  eventHandler((event) => useBase(`/tenants/${event.context.params.tenant}`, router.handler)(event));

const tenant = createRouter()
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);
const router = createRouter()
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/files/**', ok)
  .get('/denied/:id', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .use('/tenants/:tenant/**', below(tenant));

const v1 = createRouter()
  .get('/', ok)
  .get('/users/:id', ok)
  .get('/plain/**', useBase('/plain', ok))
  .get(
    '/missing/:id',
    eventHandler(() => createError({ statusCode: 404 })),
  );
const second = createRouter().get('/v1/second/:id', ok);

const app = createApp({ onError() {}, onAfterResponse: (event) => event.path });
app.use(
  eventHandler((event) => {
    if (event.path.startsWith('/denied/')) throw createError({ statusCode: 401 });
  }),
);
app.use('/v1', v1.handler);
app.use(second.handler);
app.use('/based', useBase('/based', v1.handler));
app.use(router.handler);
const server = createServer(toNodeListener(app)).listen(0, '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
