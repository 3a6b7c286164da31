import { setImmediate as turn } from 'node:timers/promises';
import Fastify from 'fastify';

const app = Fastify({ http2: true });
app.get('/users/:id', async (request) => {
  if ('late' in request.query) await turn();
  return 'ok';
});
const listening = app.listen({ port: 0, host: '127.0.0.1' });
listening.then(() => console.log(`http2://127.0.0.1:${app.server.address().port}/`));
