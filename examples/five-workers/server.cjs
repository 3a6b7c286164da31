// A shop of five processes on one port; nothing in it knows that it is measured.
const cluster = require('node:cluster');

if (cluster.isPrimary) {
  for (let i = 0; i < 5; i++) cluster.fork();
  cluster.on('exit', () => cluster.fork());
} else {
  const express = require('express');
  const app = express();
  app.get('/products/:id', (req, res) => res.json({ id: req.params.id, name: 'Bucket' }));
  app.get('/users/:user/orders', (req, res) => res.json({ user: req.params.user, orders: [] }));
  app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () =>
    console.log(`worker ${process.pid} listens`),
  );
}
