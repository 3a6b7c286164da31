// A cluster whose workers have gauges: node gauges.mjs <how many>. Worker n has the value n, prints it with its pid, and
// starts once the workers before it listen. A number over IPC kills the worker of that number.
import cluster from 'node:cluster';
import { once } from 'node:events';
import http from 'node:http';
import { metrics } from '@opentelemetry/api';

if (cluster.isPrimary) {
  const workers = [];
  process.on('message', (number) => workers[number - 1].process.kill('SIGKILL'));
  process.once('disconnect', () => process.exit(0));
  while (workers.length < Number(process.argv[2])) {
    const worker = cluster.fork({ NUMBER: workers.length + 1 });
    workers.push(worker);
    await once(worker, 'listening');
  }
} else {
  const number = Number(process.env.NUMBER);
  const meter = metrics.getMeter('shop');
  for (const name of ['queue.total', 'queue.longest', 'queue.each']) {
    meter.createObservableGauge(name).addCallback((observation) => observation.observe(number));
  }
  meter.createUpDownCounter('orders.pending').add(number);
  const jobs = meter.createCounter('jobs');
  const server = http.createServer((req, res) => {
    // This request is in progress until the client goes away.
    if (req.url === '/hold') return;
    jobs.add(1);
    res.end();
  });
  server.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${server.address().port}/ ${number} ${process.pid}`);
  });
}
