import fastify from 'fastify';
import { meet } from '../meet.mjs';

const ok = async () => 'ok';
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

const app = fastify({ rewriteUrl: ({ url }) => url.replace(/^\/old\//, '/users/') });
if (process.env.MIDDLEWARE) app.register(import(process.env.MIDDLEWARE)).after(declareMiddleware);
app.addHook('onRequest', async (request, reply) => {
  if (request.url.startsWith('/denied/')) await reply.code(401).send('no');
});
for (const path of ['/', '/health', '/users/:id', '/files/*', '/denied/:id', '/hidden/:id'])
  app.get(path, ok);
app.get('/throws/:id', fail);
app.get('/meets/:id', meets);
app.register(
  async (tenant) => {
    tenant.get('/items/:item', ok);
    tenant.get('/throws/:id', fail);
    tenant.get('/rejects/:id', failLater);
    tenant.get('/meets/:id', meets);
  },
  { prefix: '/tenants/:tenant' },
);
app.listen({ port: 0, host: '127.0.0.1' }).then(console.log);

function declareMiddleware() {
  const answer = (_request, response) => response.end('middleware');
  app.use(['/hidden', '/assets'], answer);
  app.express?.get('/express/:id', answer);
}
