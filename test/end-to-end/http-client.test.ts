import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, REGISTER, samples } from '../app-process.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';

const COUNT = 'http_client_request_duration_seconds_count';
const ON = { ROUTEMETER_HTTP_CLIENT: 'true' };

/** Has the app request one of its paths that many times by node:http, and as often by fetch. */
async function ask(app: AppProcess, path: string, times = 1): Promise<void> {
  const url = encodeURIComponent(`${await app.url()}${path}`);
  assert.equal((await app.get(`/calls?times=${times}&url=${url}`)).status, 200);
}

const total = (exposition: string): number =>
  Object.values(samples(exposition, COUNT)).reduce((sum, count) => sum + count, 0);

describe('outgoing requests of an app', () => {
  it('are measured if enabled, by node:http and by fetch', async () => {
    const app = new AppProcess('http-client.mjs', { env: ON });
    await ask(app, '/', 2);
    await ask(app, '/missing');
    const port = new URL(await app.url()).port;
    assert.deepEqual(samples(await app.scrape(), COUNT), {
      [`http_request_method="GET",http_response_status_code="200",server_address="127.0.0.1",server_port="${port}"`]: 4,
      [`error_type="404",http_request_method="GET",http_response_status_code="404",server_address="127.0.0.1",server_port="${port}"`]: 2,
    });
    assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
  });

  it('are only those of node:http if the instrumentation of undici is disabled', async () => {
    const env = { ...ON, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'undici' };
    const app = new AppProcess('http-client.mjs', { env });
    await ask(app, '/', 2);
    assert.equal(total(await app.scrape()), 2);
  });

  it('do not include those of our exporters', async () => {
    const receiver = await startOtlpReceiver();
    const app = new AppProcess('http-client.mjs', {
      env: {
        ...ON,
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
        OTEL_METRIC_EXPORT_INTERVAL: '20',
      },
    });
    await receiver.received(3);
    assert.equal(total(await app.scrape()), 0);
    await ask(app, '/');
    assert.equal(total(await app.scrape()), 2);
    await app.end();
    await receiver.close();
  });

  for (const [what, env, subscribed] of [
    ['have no listener unless enabled', {}, false],
    ['have listeners if enabled', ON, true],
  ] as const) {
    it(what, async () => {
      const app = new AppProcess(
        `import { channel } from 'node:diagnostics_channel';
         import { createServer } from 'node:http';
         import { createRequire } from 'node:module';
         const names = ['http.client.request.created', 'http.client.request.error', 'http.client.response.finish',
           'undici:request:create', 'undici:client:sendHeaders', 'undici:request:trailers'];
         createServer().listen(0, () => setTimeout(() => {
           const loaded = Object.keys(createRequire(import.meta.url).cache);
           console.log('seen ' + JSON.stringify([
             ...names.map((name) => channel(name).hasSubscribers),
             loaded.some((file) => file.includes('instrumentation-undici')),
           ]));
           process.exit();
         }));`,
        { env },
      );
      const [, seen = ''] = await app.line('stdout', /^seen (.*)/);
      assert.deepEqual(JSON.parse(seen), Array(7).fill(subscribed));
    });
  }
});

describe('an app that traces', () => {
  const trace = 'baggage,traceparent';
  /** [what it brings, headers by node:http, by fetch, how many metrics it exports itself] */
  const cases: [parts: string, http: string, fetch: string, metrics: number][] = [
    ['', '', '', 0],
    ['http', trace, '', 0],
    ['undici', '', trace, 0],
    ['http,undici', trace, trace, 0],
    ['metrics', '', '', 0],
    ['http,undici,metrics', trace, trace, 2],
  ];
  for (const [parts, http, fetch, metrics] of cases) {
    it(`by hand${parts && ` and with ${parts}`} sends and exports what it would without us, and is measured once`, async () => {
      const run = async (flags: string[]): Promise<[AppProcess, string]> => {
        const app = new AppProcess('http-client-traced.cjs', { flags, env: { ...ON, PARTS: parts } });
        const [text] = await app.line('stdout', /^\{.*\}$/);
        return [app, text];
      };
      const [[, without], [app, report]] = await Promise.all([run([]), run(['--import', REGISTER])]);
      assert.equal(report, without);
      const seen = JSON.parse(report);
      assert.deepEqual(seen.received, [`/http ${http}`, `/fetch ${fetch}`]);
      assert.equal(seen.metrics.length, metrics);
      assert.equal(total(await app.scrape()), 2);
    });
  }
});
