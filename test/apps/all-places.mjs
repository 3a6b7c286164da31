// Passes every place where our code runs inside the app's: listening, requests of many kinds, an aborted one, the app's
// instruments, calls in a request, a MeterProvider of its own. Prints what the app sees of each.
import http from 'node:http';
import net from 'node:net';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import express from 'express';
import Fastify from 'fastify';
import { count, time } from 'routemeter';

const get = (url) =>
  new Promise((resolve) => {
    http.get(url, { agent: false }, (res) => {
      let body = '';
      res.on('data', (data) => {
        body += data;
      });
      res.on('end', () => resolve(`${res.statusCode} ${body}`));
    });
  });

const meter = metrics.getMeter('app');
meter.createCounter('orders').add(1);
meter.createObservableGauge('depth').addCallback((result) => result.observe(5));
console.log('instruments made');

const app = express();
const users = express.Router({ mergeParams: true });
users.get('/orders', (req, res) => {
  count('seen');
  res.send(time('render', () => `orders of ${req.params.user}`));
});
app.use('/users/:user', users);
const called = express.Router();
called.use(
  '/deep/:deep',
  express.Router().get('/:id', (req, res) => res.send(`called ${req.params.id}`)),
);
app.use('/called', (req, res, next) => called(req, res, next));
app.use(
  '/shop',
  express().get('/:item', (req, res) => res.send(`item ${req.params.item} of the shop`)),
);
app.get('/half', (_req, res) => res.write('half'));
const server = app.listen(0, '127.0.0.1', async () => {
  const { port } = server.address();
  const base = `http://127.0.0.1:${port}`;
  console.log(await get(`${base}/users/1/orders`));
  for (const id of [1, 2]) console.log(await get(`${base}/called/deep/x/${id}`));
  console.log(await get(`${base}/shop/3`));
  console.log(await get(`${base}/nowhere`).then((text) => text.slice(0, 3)));
  const closed = new Promise((resolve) => {
    server.once('connection', (socket) => socket.once('close', resolve));
  });
  const socket = net.connect(port, '127.0.0.1', () => socket.write('GET /half HTTP/1.1\r\nHost: x\r\n\r\n'));
  socket.once('data', () => socket.destroy());
  await closed;
  console.log('aborted');
  server.on('upgrade', (_req, upgraded) => upgraded.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const websocket = net.connect(port, '127.0.0.1', () =>
    websocket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'),
  );
  websocket.once('data', (data) => console.log(String(data).split('\r\n')[0]));
  await new Promise((resolve) => websocket.once('close', resolve));
  const fastify = Fastify();
  fastify.get('/items/:id', async (request) => `item ${request.params.id}`);
  console.log(await get(`${await fastify.listen({ port: 0, host: '127.0.0.1' })}/items/2`));
  await fastify.close();
  if (process.env.SCRAPE) {
    // The app goes on whether the scrape succeeds or not.
    await fetch(process.env.SCRAPE)
      .then((res) => res.text())
      .catch(() => undefined);
  }
  console.log(`registered ${metrics.setGlobalMeterProvider(new MeterProvider())}`);
  console.log(`last ${await get(`${base}/users/2/orders`)}`);
  server.close();
  server.closeAllConnections();
});
