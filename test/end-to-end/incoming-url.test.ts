import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';

/** Express, and connect's manners, in front of handlers that rewrite what came in. */
const GATEWAY = `
  import http from 'node:http';
  import express from 'express';
  import { count } from 'routemeter';
  const answer = (req, res) => {
    count('answers');
    res.end('ok');
  };
  const app = express();
  app.use('/mounted', answer);
  app.use('/odd', (req, res) => {
    req.originalUrl = '/users/me';
    answer(req, res);
  });
  app.use((req, res) => {
    req.url = req.url.replace(/^\\/api/, '');
    req.originalUrl = { not: 'a text' };
    answer(req, res);
  });
  const server = http.createServer(app);
  server.emit = function (event, req, ...rest) {
    if (event === 'request') req.url = req.url.replace('/v1/', '/');
    return http.Server.prototype.emit.call(this, event, req, ...rest);
  };
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
`;

/** Sends each target as it is written, over one connection. */
async function ask(app: AppProcess, targets: readonly string[]): Promise<void> {
  const { port } = new URL(await app.url());
  const socket = connect(Number(port), '127.0.0.1');
  const last = targets.length - 1;
  for (const [index, target] of targets.entries()) {
    const method = target === '*' ? 'OPTIONS' : 'GET';
    socket.write(
      `${method} ${target} HTTP/1.1\r\nHost: x\r\n${index === last ? 'Connection: close\r\n' : ''}\r\n`,
    );
  }
  socket.resume();
  await once(socket, 'close');
}

for (const engine of ['lean', 'otel']) {
  describe(`the URL that came in, whatever the app makes of it, with the engine ${engine}`, () => {
    it('is what ROUTEMETER_ROUTES is asked with, also for what the request counts', async () => {
      const app = new AppProcess(GATEWAY, {
        env: {
          ROUTEMETER_HTTP_ENGINE: engine,
          ROUTEMETER_ROUTES: '/api/users/:id,/users/:wrong,/mounted/:id,/odd/:id,/v1/:a/:b,/',
        },
      });
      await ask(app, ['/api/users/1', '/mounted/2?x', '/odd/3', '/v1/users/4']);
      await ask(app, ['http://host/api/users/5', 'HTTP://u:p@HOST:80/mounted/6?x', 'http://host', '*']);
      await ask(app, ['//api/users/7', '//host/mounted/8']);
      const exposition = await app.scrape();
      assert.deepEqual(requestCounts(exposition), {
        'GET /api/users/:id 200': 2,
        'GET /mounted/:id 200': 2,
        'GET /odd/:id 200': 1,
        'GET /v1/:a/:b 200': 1,
        'GET / 200': 1,
        'GET - 200': 2,
        'OPTIONS - 200': 1,
      });
      assert.deepEqual(samples(exposition, 'answers_total'), {
        'http_route="/api/users/:id"': 2,
        'http_route="/mounted/:id"': 2,
        'http_route="/odd/:id"': 1,
        'http_route="/v1/:a/:b"': 1,
        'http_route="/"': 1,
        '': 3,
      });
    });

    it('is what ROUTEMETER_IGNORE is asked with', async () => {
      const app = new AppProcess(GATEWAY, {
        env: { ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_IGNORE: '/healthz,/v1/*,/api/*' },
      });
      await ask(app, ['/healthz?deep', 'http://host/healthz', 'HTTP://u@HOST:80/healthz?deep']);
      await ask(app, ['/v1/users/1', '/api/2', 'http://host/api/3']);
      await ask(app, ['//healthz', 'http://healthz', '/other']);
      assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 3 });
    });
  });
}
