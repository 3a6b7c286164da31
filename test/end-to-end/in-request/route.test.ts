/** `route` names the request for everything that is measured of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { warnings } from '../../api/serving-app.ts';
import { AppProcess, requestCounts, samples } from '../../app-process.ts';

/** An app of Express, whose own routes are known, that names routes in a middleware. */
const app = (env: Record<string, string> = {}): AppProcess =>
  new AppProcess(
    `import express from 'express';
    import { count, observe, route } from 'routemeter';
    const app = express();
    const gate = Promise.withResolvers();
    app.get('/plain/:id', (req, res) => res.end());
    app.use(async (req, res, next) => {
      const [, page, id] = req.path.split('/');
      count('seen');
      if (page === 'wait') { await gate.promise; route('/wait/[id]'); return res.end(); }
      if (page === 'release') { gate.resolve(); return res.end(); }
      if (page === 'path') route(req.path);
      if (page === 'last') { route('/first'); route('/last/[id]'); }
      if (page === 'missing') route(null);
      if (page === 'late') { route('/late/[id]'); res.on('close', () => { route('/over'); count('late'); }); }
      if (page === 'many') { route('/many/[id]'); for (let i = 0; i < 1000; i++) observe('tick', i); }
      if (page === 'throws') { route('/throws/[id]'); throw new Error('no'); }
      if (page === 'ignored') route('/ignored/[id]');
      count('seen');
      next();
    });
    app.get('/last/:id', (req, res) => res.end());
    app.get('/missing/:id', (req, res) => res.end());
    app.use((req, res) => res.end());
    app.use((error, req, res, next) => res.status(500).end());
    route('/outside');
    const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));`,
    { env },
  );

for (const engine of ['lean', 'otel']) {
  describe(`by the ${engine} engine, route`, () => {
    it('names the request and all that is counted in it', async () => {
      const running = app({ ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_IGNORE: '/ignored/*' });
      for (const path of [
        '/plain/1',
        '/last/1',
        '/missing/1',
        '/late/1',
        '/many/1',
        '/throws/1',
        '/ignored/1',
      ]) {
        await running.get(path);
      }
      await running.get('/last/2', { method: 'HEAD' });
      const exposition = await running.scrape();
      assert.deepEqual(requestCounts(exposition), {
        'GET /plain/:id 200': 1,
        'GET /last/[id] 200': 1,
        'HEAD /last/[id] 200': 1,
        'GET - 200': 1,
        'GET /late/[id] 200': 1,
        'GET /many/[id] 200': 1,
        'GET /throws/[id] 500': 1,
      });
      assert.deepEqual(samples(exposition, 'seen_total'), {
        'http_route="/last/[id]"': 4,
        '': 4,
        'http_route="/late/[id]"': 2,
        'http_route="/many/[id]"': 2,
        'http_route="/throws/[id]"': 1,
      });
      assert.deepEqual(samples(exposition, 'late_total'), { 'http_route="/late/[id]"': 1 });
      assert.deepEqual(samples(exposition, 'tick_count'), { 'http_route="/many/[id]"': 1000 });
      assert.deepEqual(warnings(running), []);
    });
  });
}

it('names each of two requests at once', async () => {
  const running = app();
  const waiting = ['/wait/1', '/wait/2'].map((path) => running.get(path));
  await running.scrapeUntil((text) =>
    Object.values(samples(text, 'http_server_active_requests')).includes(2),
  );
  await running.get('/release');
  await Promise.all(waiting);
  assert.deepEqual(requestCounts(await running.scrape()), { 'GET /wait/[id] 200': 2, 'GET - 200': 1 });
});

it('given the path in place of the pattern, 500 routes are the most, and one line names the mistake', async () => {
  const running = app();
  for (let i = 0; i < 510; i++) await running.get(`/path/${i}`);
  const counts = requestCounts(await running.scrape());
  assert.deepEqual([Object.keys(counts).length, counts['GET _OTHER 200']], [501, 10]);
  assert.deepEqual(warnings(running), [
    'the app has named 500 routes: "/path/500" and any further ones count as _OTHER; route() takes the pattern, such as /users/[id], not the path of the request',
  ]);
});

describe('imported late, as by a bundle that loads its parts when they are needed, route names', () => {
  const late = (): AppProcess =>
    new AppProcess(
      `import { createServer } from 'node:http';
      const gate = Promise.withResolvers();
      const server = createServer(async (req, res) => {
        if (req.url === '/open') await gate.promise;
        else {
          const { route } = await import('routemeter');
          route(req.url);
          gate.resolve();
        }
        res.end();
      });
      server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));`,
    );

  it('the request in which it is imported', async () => {
    const running = late();
    await running.get('/first');
    await running.get('/second');
    assert.deepEqual(requestCounts(await running.scrape()), { 'GET /first 200': 1, 'GET /second 200': 1 });
  });

  it('none, if it could be several', async () => {
    const running = late();
    const open = running.get('/open');
    await running.scrapeUntil((text) =>
      Object.values(samples(text, 'http_server_active_requests')).includes(1),
    );
    await running.get('/first');
    await open;
    await running.get('/second');
    assert.deepEqual(requestCounts(await running.scrape()), { 'GET - 200': 2, 'GET /second 200': 1 });
  });
});
