/** `ignore` leaves the request out of its own metrics, as ROUTEMETER_IGNORE does by route. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { warnings } from '../../api/serving-app.ts';
import { AppProcess, requestCounts, samples } from '../../app-process.ts';

const PAGES = ['kept', 'ignored', 'awaits', 'twice', 'named', 'many', 'fails', 'over', 'events', 'kept'];

/** An app that asks itself for each page, over one connection, and by now and then ignores the request. */
const program = (serve: string): string => `
import http from 'node:http';
import http2 from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { count, ignore, observe, route } from 'routemeter';
ignore();
const handle = async (path, answer, ended) => {
  const page = path.split('/')[2];
  count('seen');
  if (['ignored', 'fails', 'events'].includes(page)) ignore();
  if (page === 'awaits') { await turn(); ignore(); }
  if (page === 'twice') { ignore(); ignore(); }
  if (page === 'named') { ignore(); route('/named/[id]'); }
  if (page === 'many') { ignore(); for (let i = 0; i < 1000; i++) observe('tick', i); }
  if (page === 'over') ended(() => ignore());
  answer(page === 'fails' ? 500 : 200, page === 'events' ? { 'content-type': 'text/event-stream' } : {});
};
${serve}
server.listen(0, '127.0.0.1', async () => {
  for (const page of ${JSON.stringify(PAGES)}) await ask(server.address().port, '/pages/' + page);
  console.log('asked');
});`;

const HTTP1 = `const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = (port, path) => new Promise((resolve) =>
  http.get({ port, path, agent }, (response) => response.resume().on('close', resolve)));`;
const HTTP2 = `let client;
const ask = (port, path) => new Promise((resolve) => {
  client ??= http2.connect('http://127.0.0.1:' + port);
  client.request({ ':path': path }).resume().on('close', resolve);
});`;
const HANDLER = `(req, res) =>
  handle(req.url, (status, head) => res.writeHead(status, head).end('x'), (end) => res.on('close', end))`;

const SERVERS: Readonly<Record<string, string>> = {
  'HTTP/1.1': `${HTTP1} const server = http.createServer(${HANDLER});`,
  'HTTP/2': `${HTTP2} const server = http2.createServer(${HANDLER});`,
  'streams of HTTP/2': `${HTTP2} const server = http2.createServer().on('stream', (stream, headers) =>
    handle(
      headers[':path'],
      (status, head) => { stream.respond({ ':status': status, ...head }); stream.end('x'); },
      (end) => stream.on('close', end)));`,
};

for (const engine of ['lean', 'otel']) {
  for (const [over, serve] of Object.entries(SERVERS)) {
    it(`over ${over}, by the ${engine} engine`, async () => {
      const app = new AppProcess(program(serve), {
        env: { ROUTEMETER_HTTP_ENGINE: engine, ROUTEMETER_ROUTES: '/pages/:page' },
      });
      await app.line('stdout', /^asked$/);
      const exposition = await app.scrape();
      assert.deepEqual(requestCounts(exposition), { 'GET /pages/:page 200': 3 });
      assert.deepEqual(samples(exposition, 'http_server_stream_duration_seconds_count'), {});
      assert.deepEqual(samples(exposition, 'seen_total'), { 'http_route="/pages/:page"': 3, '': 7 });
      assert.deepEqual(samples(exposition, 'tick_count'), { '': 1000 });
      assert.deepEqual(Object.values(samples(exposition, 'http_server_active_requests')), [0]);
      assert.deepEqual(warnings(app), []);
      await app.end();
    });
  }
}

describe('a request that is being answered', () => {
  it('is no open stream once it is ignored', async () => {
    const app = new AppProcess(
      `import http from 'node:http';
      import { ignore } from 'routemeter';
      const server = http.createServer((req, res) => {
        if (req.url === '/ignored') ignore();
        res.writeHead(200, { 'content-type': 'text/event-stream' }).write('x');
      });
      server.listen(0, '127.0.0.1', () => {
        let begun = 0;
        for (const path of ['/ignored', '/kept'])
          http.get({ port: server.address().port, path }, (response) => response.once('data', () => ++begun === 2 && console.log('open')));
      });`,
      { env: { ROUTEMETER_ROUTES: '/ignored,/kept' } },
    );
    await app.line('stdout', /^open$/);
    assert.deepEqual(samples(await app.scrape(), 'http_server_active_streams'), {
      'http_route="/kept",http_stream_kind="event_stream"': 1,
    });
    await app.end();
  });

  it('can be the one in which a bundle loads the call', async () => {
    const app = new AppProcess(
      `import http from 'node:http';
      const server = http.createServer(async (req, res) => {
        if (req.url === '/first') (await import('routemeter')).ignore();
        res.end();
      });
      server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`,
      { env: { ROUTEMETER_ROUTES: '/first,/second' } },
    );
    for (const path of ['/first', '/second']) await app.get(path);
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET /second 200': 1 });
    await app.end();
  });
});
