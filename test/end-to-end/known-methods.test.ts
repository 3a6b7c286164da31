/** Which HTTP methods are told apart, by OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

const KNOWN = 'OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS';
const METHODS = ['GET', 'POST', 'PURGE', 'PROPFIND', 'QUERY'];

async function send(base: string, method: string): Promise<void> {
  const outgoing = request(new URL(base), { method, agent: false }).end();
  const [response] = await once(outgoing, 'response');
  response.resume();
  await once(response, 'end');
}

/** How often each method was counted. */
function counts(exposition: string, metric: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [labels, value] of Object.entries(samples(exposition, metric))) {
    const method = labels.match(/http_request_method="([^"]*)"/)?.[1] ?? '-';
    found[method] = (found[method] ?? 0) + value;
  }
  return found;
}

const SERVER = 'http_server_request_duration_seconds_count';
const ACTIVE = 'http_server_active_requests';
const CLIENT = 'http_client_request_duration_seconds_count';

/** An app that changes the method of each request. */
const APP = `
  import http from 'node:http';
  http.createServer((q, r) => { q.method = 'DELETE'; r.end('ok'); }).listen(0, '127.0.0.1', function () {
    console.log('http://127.0.0.1:' + this.address().port);
  });`;

const cases: readonly (readonly [env: Record<string, string>, expected: Record<string, number>])[] = [
  [{}, { GET: 1, POST: 1, QUERY: 1, _OTHER: 2 }],
  [{ [KNOWN]: 'get, PURGE,PROPFIND' }, { PURGE: 1, PROPFIND: 1, _OTHER: 3 }],
];

for (const engine of ['lean', 'otel']) {
  describe(`methods of incoming requests, with the engine ${engine}`, () => {
    for (const [env, expected] of cases) {
      it(`follow ${JSON.stringify(env)}, whatever the app makes of them`, async () => {
        const app = new AppProcess(APP, { env: { ...env, ROUTEMETER_HTTP_ENGINE: engine } });
        for (const method of METHODS) await send(await app.url(), method);
        const exposition = await app.scrape();
        assert.deepEqual(counts(exposition, SERVER), expected);
        assert.deepEqual(Object.keys(counts(exposition, ACTIVE)).sort(), Object.keys(expected).sort());
        assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
      });
    }
  });
}

it('methods of outgoing requests are the same, by node:http and by fetch', async () => {
  const program = `
    import http from 'node:http';
    const server = http.createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1', async () => {
      const url = 'http://127.0.0.1:' + server.address().port;
      for (const method of ['GET', 'PURGE', 'QUERY']) {
        await (await fetch(url, { method })).text();
        await new Promise((done) => {
          http.request(url, { method, agent: false }, (r) => r.resume().on('end', done)).end();
        });
      }
      console.log('done');
    });`;
  const app = new AppProcess(program, { env: { [KNOWN]: 'GET,PURGE', ROUTEMETER_HTTP_CLIENT: 'true' } });
  await app.line('stdout', /done/);
  assert.deepEqual(counts(await app.scrape(), CLIENT), { GET: 2, PURGE: 2, _OTHER: 2 });
});
