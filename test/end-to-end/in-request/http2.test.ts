/** Code in a request over HTTP/2 belongs to it, whatever event it runs in. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../../app-process.ts';

const EVENTS = ['handler', 'data', 'end', 'later', 'finish', 'close', 'stream_close'];

const PROGRAM = `
import http2 from 'node:http2';
import { count } from 'routemeter';
const server = http2.createServer((req, res) => {
  count('handler');
  req.on('data', () => count('data'));
  req.on('end', () => {
    count('end');
    setImmediate(() => { count('later'); res.end('x'); });
  });
  res.on('finish', () => count('finish'));
  res.on('close', () => count('close'));
  req.stream.on('close', () => count('stream_close'));
});
server.listen(0, '127.0.0.1', async () => {
  const client = http2.connect('http://127.0.0.1:' + server.address().port);
  await Promise.all(['/users/1', '/orders/2', '/users/3', '/nothing'].map((path) =>
    new Promise((resolve) => client.request({ ':path': path, ':method': 'POST' }).resume().on('close', resolve).end('x'))));
  console.log('asked');
});
`;

for (const engine of ['lean', 'otel']) {
  it(`by the ${engine} engine`, async () => {
    const app = new AppProcess(PROGRAM, {
      env: {
        ROUTEMETER_ROUTES: '/users/:id,/orders/:id',
        ROUTEMETER_CPU: 'true',
        ROUTEMETER_HTTP_ENGINE: engine,
      },
    });
    await app.line('stdout', /^asked$/);
    const exposition = await app.scrape();
    assert.deepEqual(requestCounts(exposition), {
      'POST /users/:id 200': 2,
      'POST /orders/:id 200': 1,
      'POST - 200': 1,
    });
    for (const event of EVENTS) {
      assert.deepEqual(
        samples(exposition, `${event}_total`),
        { 'http_route="/users/:id"': 2, 'http_route="/orders/:id"': 1, '': 1 },
        event,
      );
    }
    const busy = samples(exposition, 'http_server_request_cpu_duration_seconds_count');
    assert.equal(
      Object.values(busy).reduce((sum, count) => sum + count),
      4,
    );
    await app.end();
  });
}
