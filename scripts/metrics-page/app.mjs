// Produces every metric: it sends itself a request of each kind, prints that, and keeps running.
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import express from 'express';
import { count, metered, observe, route, tag, time } from 'routemeter';

const app = express();
const checkout = metered(async function checkout(order) {
  if (order === 'none') throw new Error('on purpose');
});
app.get('/orders/:id', async (req, res) => {
  tag('plan', 'pro');
  count('user.signup');
  observe('cart.size', 3, { unit: '{item}' });
  await time('db.query', () => checkout(req.params.id));
  res.send('ordered');
});
app.get('/made-up/:id', (req, res) => {
  route(req.path);
  res.send('routed');
});
app.get('/events/:id', (_req, res) => res.type('text/event-stream').write('data: 1\n\n'));
app.use((_error, _req, res, _next) => res.status(500).send('failed'));

// It ends with the program that started it.
process.once('disconnect', () => process.exit());
// Garbage is collected when runtime metrics have begun, whenever that is.
setInterval(() => globalThis.gc(), 50);

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
for (const path of ['/orders/1', '/orders/none']) {
  const url = `http://127.0.0.1:${port}${path}`;
  // Not kept: on a busy machine the server may close it before it is used again.
  await (await fetch(url, { headers: { connection: 'close' } })).text();
  const [response] = await once(http.get(url, { agent: false }), 'response');
  await response.resume().toArray();
}
/** An event stream; the client has seen its first event. */
const streamed = async () => {
  const request = http.get(`http://127.0.0.1:${port}/events/1`, { agent: false });
  const [response] = await once(request, 'response');
  await once(response, 'data');
  return () => once(request.on('error', () => {}).destroy(), 'close');
};
await (await streamed())();
await streamed();
// More routes than there may be.
await Promise.all(
  Array.from({ length: 16 }, async (_, id) => {
    const request = http.get(`http://127.0.0.1:${port}/made-up/${id}`, { agent: false });
    const [response] = await once(request, 'response');
    await response.resume().toArray();
  }),
);
// The event loop's delay has none for the first tenth of a second.
await pause(200);
console.log('ready');
