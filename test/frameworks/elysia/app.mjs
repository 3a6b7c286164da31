import { node } from '@elysiajs/node';
import { Elysia } from 'elysia';
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
const deny = ({ set }) => {
  set.status = 401;
  return 'denied';
};

const tenant = new Elysia({ prefix: '/tenants/:tenant' })
  .get('/items/:item', ok)
  .get('/throws/:id', fail)
  .get('/rejects/:id', failLater)
  .get('/meets/:id', meets);
const app = new Elysia({ adapter: node() })
  .get('/', ok)
  .get('/health', ok)
  .get('/users/:id', ok)
  .get('/files/*', ok)
  .get('/throws/:id', fail)
  .get('/meets/:id', meets)
  .guard({ beforeHandle: deny }, (guarded) => guarded.get('/denied/:id', ok))
  .group('/v1', (group) =>
    group
      .get('/static', ok)
      .get('/value', 'a value')
      .get('/optional/:id?', ok)
      .post('/users/:id', ok)
      .mount('/mounted', () => new Response('ok')),
  )
  .use(new Elysia({ prefix: '/plugin' }).use(new Elysia({ prefix: '/inner' }).get('/static', ok)))
  .use(tenant);
app.listen({ port: 0, hostname: '127.0.0.1' }, ({ raw }) => raw.ready().then(() => console.log(raw.url)));
