import { H3, HTTPError, serve, withBase } from 'h3';
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

const tenant = new H3()
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);
const v1 = new H3()
  .get('/', ok)
  .get('/users/:id', ok)
  .get('/missing/:id', () => new Response('', { status: 404 }));
const app = new H3({ silent: true })
  .use((event) => {
    if (event.url.pathname.startsWith('/denied/')) throw new HTTPError({ status: 401 });
  })
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/files/**', ok)
  .get('/denied/:id', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .get('/numbers/:number(\\d+)', ok)
  .mount('/tenants/:tenant', tenant)
  .mount('/mounted', v1)
  .mount('/fetched', v1.fetch)
  .all('/based/**', withBase('/based', v1))
  .all('/below/:tenant/**', (event) => withBase(`/below/${event.context.params.tenant}`, v1)(event))
  .use('/before/**', withBase('/before', v1.handler))
  .get('/before/after', ok);
const server = serve(app, { port: 0, hostname: '127.0.0.1', silent: true, gracefulShutdown: false });
server.ready().then(() => console.log(server.url));
