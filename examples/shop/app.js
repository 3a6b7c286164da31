// A small shop: nothing in it knows that it is measured.
import express from 'express';

const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const app = express();
app.use(express.json());

app.get('/', (_req, res) => res.send('Welcome to the shop\n'));

app.get('/products', async (_req, res) => {
  await pause(5 + Math.random() * 20);
  res.json([{ id: 1, name: 'Bucket' }]);
});

app.get('/products/:id', async (req, res) => {
  if (Number(req.params.id) > 900) return res.status(404).json({ error: 'no such product' });
  await pause(2 + Math.random() * 6);
  res.json({ id: Number(req.params.id), name: 'Bucket' });
});

app.post('/checkout', async (_req, res) => {
  await pause(40 + Math.random() * 160);
  if (Math.random() < 0.1) throw new Error('the payment provider did not answer');
  res.status(201).json({ ordered: true });
});

app.get('/reports/sales', async (_req, res) => {
  await pause(300 + Math.random() * 700);
  res.json({ sales: 42 });
});

const orders = express.Router({ mergeParams: true });
orders.get('/', (req, res) => res.json({ user: req.params.user, orders: [] }));
orders.get('/:order', async (req, res) => {
  await pause(1 + Math.random() * 4);
  res.json({ user: req.params.user, order: req.params.order });
});
app.use('/users/:user/orders', orders);

app.get('/healthz', (_req, res) => res.send('ok\n'));

// Express prints a stack trace for each thrown error unless an error handler answers.
app.use((error, _req, res, _next) => res.status(500).json({ error: error.message }));

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`shop: http://127.0.0.1:${server.address().port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
