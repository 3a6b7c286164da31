// Express under virtual-clock.mjs: a request takes x-millis, and is answered with x-status. The message
// `{ instruments }` over IPC records values with the app's own instruments.
import http from 'node:http';
import { metrics, ValueType } from '@opentelemetry/api';
import express from 'express';

const { virtual } = performance;

const app = express();
app.disable('etag');
app.use((req, res, next) => {
  virtual.millis = Number(req.headers['x-millis'] ?? 0);
  // After the observation, which is made when the response is finished.
  res.once('close', () => {
    virtual.millis = 0;
  });
  next();
});
const answer = (req, res) => res.status(Number(req.headers['x-status'] ?? 200)).end('.');
app.get('/', answer);
app.all('/users/:id', answer);
const orders = express.Router({ mergeParams: true });
orders.all('/:order', answer);
orders.post('/', answer);
app.use('/users/:id/orders', orders);

const meter = metrics.getMeter('roads');
const CREATE = {
  counter: 'createCounter',
  upDownCounter: 'createUpDownCounter',
  gauge: 'createGauge',
  histogram: 'createHistogram',
};
process.on('message', ({ instruments }) => {
  for (const { kind, name, unit, values } of instruments) {
    const instrument = meter[CREATE[kind]](name, { unit, valueType: ValueType.DOUBLE });
    for (const [value, attributes] of values) {
      if (kind === 'counter' || kind === 'upDownCounter') instrument.add(value, attributes);
      else instrument.record(value, attributes);
    }
  }
  process.send('recorded');
});

const server = http.createServer({ keepAliveTimeout: 60_000 }, app).listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
