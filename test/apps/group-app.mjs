// A member of a group: node:http routed by hand, and instruments of its own. Prints its URL and its identity, does what a
// message over IPC asks for, and ends with the program that started it.
import { existsSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, threadId } from 'node:worker_threads';
import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('shop');
const pending = meter.createUpDownCounter('orders.pending');
const sizes = meter.createHistogram('item.size', { advice: { explicitBucketBoundaries: [1, 2, 4, 8] } });
const member = `${process.pid}-${threadId}`;

const block = (millis) => {
  const until = Date.now() + millis;
  while (Date.now() < until);
};

const server = http.createServer((req, res) => {
  const { pathname, searchParams } = new URL(req.url, 'http://localhost');
  block(Number(searchParams.get('busy') ?? 0));
  res.setHeader('x-member', member);
  if (pathname.startsWith('/items/')) sizes.record(Number(pathname.slice(7)));
  else if (pathname === '/orders') {
    pending.add(req.method === 'DELETE' ? -1 : 1);
    res.statusCode = req.method === 'DELETE' ? 204 : 201;
  } else if (pathname.startsWith('/status/')) res.statusCode = Number(pathname.slice(8));
  else res.statusCode = pathname === '/fail' ? 500 : 404;
  res.end();
});
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/ ${member}`);
});

const ACTIONS = {
  end() {
    server.close();
    server.closeIdleConnections();
    process.channel.unref();
  },
  exit: () => process.exit(0),
  throw: () =>
    setImmediate(() => {
      throw new Error('a defect');
    }),
  block() {
    const file = join(tmpdir(), `group-block-${member}`);
    writeFileSync(file, '');
    console.log(`blocks until ${file} is gone`);
    setImmediate(() => {
      const nothing = new Int32Array(new SharedArrayBuffer(4));
      while (existsSync(file)) Atomics.wait(nothing, 0, 0, 10);
    });
  },
  hang: () => meter.createObservableGauge('hanging').addCallback(() => new Promise(() => {})),
};
if (process.env.GRACEFUL) process.on('SIGTERM', ACTIONS.end);
if (isMainThread && process.connected) {
  process.on('message', (action) => ACTIONS[action]?.());
  process.once('disconnect', () => process.exit(0));
}
