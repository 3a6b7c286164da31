/** Connections with upgrades, time limits, and requests that overlap. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { AppProcess, samples } from '../../app-process.ts';
import { until } from '../../until.ts';

const APP = `
import { createServer } from 'node:http';
import { count } from 'routemeter';
const server = createServer((req, res) => {
  count('begun');
  if (req.url.startsWith('/waits')) {
    for (const message of [req, res]) message.on('close', () => count('closed'));
    res.setTimeout(10, () => {
      count('late');
      console.log('late');
    });
    req.socket.on('close', () => count('gone'));
    return res.write('x');
  }
  req.on('data', () => count('data'));
  res.end('ok');
});
server.on('connection', () => count('connection'));
server.on('upgrade', (_req, socket) => {
  count('upgrade');
  setImmediate(() => {
    count('upgrade');
    socket.end('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: x\\r\\n\\r\\n');
  });
});
server.on('checkContinue', (req, res) => {
  count('continue');
  res.writeContinue();
  req.on('data', () => count('continue')).on('end', () => res.end());
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
`;

const head = (path: string, ...headers: string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

const counted = async (app: AppProcess, name: string): Promise<Record<string, number>> =>
  samples(await app.scrape(), `${name}_total`);

/** Resolves when a request and its response have both counted that they are closed. */
const bothClosed = (app: AppProcess): Promise<unknown> =>
  until(async () => isDeepStrictEqual(await counted(app, 'closed'), { 'http_route="/waits/:id"': 2 }));

for (const engine of ['lean', 'otel']) {
  describe(`by the ${engine} engine`, () => {
    const start = async (): Promise<{ app: AppProcess; socket: Socket }> => {
      const app = new AppProcess(APP, {
        env: { ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_ROUTES: '/waits/:id,/ok,/up/:id' },
      });
      const socket = connect(Number(new URL(await app.url()).port), '127.0.0.1');
      return { app, socket };
    };

    it('an upgrade on a connection that had a request belongs to itself', async () => {
      const { app, socket } = await start();
      socket.write(head('/ok'));
      await once(socket, 'data');
      socket.write(head('/up/1', 'Connection: Upgrade', 'Upgrade: x'));
      socket.resume();
      await once(socket, 'close');
      assert.deepEqual(await counted(app, 'upgrade'), { 'http_route="/up/:id"': 2 });
      assert.deepEqual(await counted(app, 'connection'), { '': 1 });
      assert.deepEqual(await counted(app, 'begun'), { 'http_route="/ok"': 1 });
    });

    it('events of a waiting request belong to it, although others follow on the connection', async () => {
      const { app, socket } = await start();
      socket.write(head('/waits/1') + head('/ok'));
      await once(socket, 'data');
      socket.destroy();
      await bothClosed(app);
    });

    it('a time limit belongs to its request', async () => {
      const { app, socket } = await start();
      socket.write(head('/waits/1'));
      await once(socket, 'data');
      await app.line('stdout', /^late$/);
      socket.destroy();
      await bothClosed(app);
      assert.deepEqual(Object.keys(await counted(app, 'late')), ['http_route="/waits/:id"']);
      assert.deepEqual(await counted(app, 'gone'), { 'http_route="/waits/:id"': 1 });
    });

    it('a body after 100 Continue belongs to its request', async () => {
      const { app } = await start();
      const sending = request(new URL('/ok', await app.url()), {
        method: 'POST',
        agent: false,
        headers: { Expect: '100-continue' },
      });
      sending.flushHeaders();
      await once(sending, 'continue');
      sending.end('body');
      const [response] = await once(sending, 'response');
      response.resume();
      await once(response, 'end');
      assert.deepEqual(await counted(app, 'continue'), { 'http_route="/ok"': 2 });
    });
  });
}
