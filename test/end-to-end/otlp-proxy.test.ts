import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { makeCertificates } from '../receivers/certificates.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../receivers/otlp.ts';
import { type HttpProxy, startHttpProxy } from '../receivers/proxy.ts';

/** A name that nobody resolves: only by a proxy is anything found there. */
const NOWHERE = 'http://backend.invalid:4318';

/** Serves, and makes a request of its own. */
const APP = `
  import { createServer, get } from 'node:http';
  createServer((request, response) => response.end()).listen(0, () => {
    get(process.env.TARGET, (response) => response.resume().on('end', () => console.log('asked')))
      .on('error', () => console.log('asked'));
  });`;

interface Settings {
  readonly env?: Readonly<Record<string, string>>;
  readonly endpoint?: string;
}

describe('pushes through a proxy', () => {
  let receiver: OtlpReceiver;
  let proxy: HttpProxy;
  before(async () => {
    receiver = await startOtlpReceiver();
    proxy = await startHttpProxy(receiver.port);
  });
  after(() => Promise.all([proxy.close(), receiver.close()]));

  const start = ({ env, endpoint = NOWHERE }: Settings) =>
    new AppProcess(APP, {
      env: {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_METRIC_EXPORT_INTERVAL: '50',
        ROUTEMETER_HTTP_CLIENT: 'true',
        TARGET: `${endpoint}/of-the-app`,
        ...env,
      },
    });

  const ways: readonly [how: string, settings: (proxy: string) => Settings][] = [
    [
      'NODE_USE_ENV_PROXY, with NO_PROXY for another host',
      (url) => ({ env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, NO_PROXY: 'localhost' } }),
    ],
    [
      'NODE_OPTIONS, and the variable in lower case',
      (url) => ({ env: { NODE_OPTIONS: '--use-env-proxy', http_proxy: url } }),
    ],
  ];
  for (const [how, settings] of ways) {
    it(`are made like the app's requests: ${how}`, async () => {
      const first = proxy.asked.length;
      const before = receiver.requests.length;
      const app = start(settings(proxy.url));
      await app.line('stdout', /asked/);
      await proxy.received(first + 3);
      await receiver.received(before + 2);
      const exposition = await app.scrape();
      await app.end();
      const asked = new Set(proxy.asked.slice(first));
      assert.deepEqual([...asked].sort(), [`GET ${NOWHERE}/of-the-app`, `POST ${NOWHERE}/v1/metrics`]);
      // The app's own is measured, and ours are not.
      const counts = Object.values(samples(exposition, 'http_client_request_duration_seconds_count'));
      assert.deepEqual(counts, [1]);
    });
  }

  const directly: readonly [how: string, settings: (proxy: string) => Settings][] = [
    ['without the switch', (url) => ({ env: { HTTP_PROXY: url } })],
    ['NO_PROXY', (url) => ({ env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, NO_PROXY: 'localhost' } })],
    ['a proxy for https alone', (url) => ({ env: { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: url } })],
  ];
  for (const [how, settings] of directly) {
    it(`are not made where the app's requests are not: ${how}`, async () => {
      const first = proxy.asked.length;
      const before = receiver.requests.length;
      const app = start({ ...settings(proxy.url), endpoint: `http://localhost:${receiver.port}` });
      await app.line('stdout', /asked/);
      await receiver.received(before + 3);
      await app.end();
      assert.deepEqual(proxy.asked.slice(first), []);
    });
  }

  it('are not held by one that does not answer, and are logged', async () => {
    proxy.silent = true;
    const first = proxy.asked.length;
    const app = start({ env: { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url } });
    await proxy.received(first + 2);
    await app.line('stderr', /cannot export metrics to .*: no answer within/);
    const { signal } = await app.end('SIGTERM');
    proxy.silent = false;
    assert.equal(signal, 'SIGTERM');
  });
});

describe('pushes through a tunnel', () => {
  const folder = mkdtempSync(join(tmpdir(), 'routemeter-proxy-'));
  after(() => rmSync(folder, { recursive: true }));

  /** An app, and its proxy to a backend with TLS; undefined where there is nothing to make certificates with. */
  const setUp = async (t: TestContext, proxyUrl?: string) => {
    const certificates = makeCertificates();
    if (certificates === undefined) return t.skip('there is no openssl to make certificates with');
    const receiver = await startOtlpReceiver({ tls: certificates.server });
    const proxy = await startHttpProxy(receiver.port);
    t.after(() => Promise.all([proxy.close(), receiver.close()]));
    const file = join(folder, 'ca.pem');
    writeFileSync(file, certificates.ca);
    const start = () =>
      new AppProcess(
        `
        import { createServer } from 'node:http';
        const server = createServer().listen(0, () => process.on('message', () => { server.close(); process.disconnect(); }));`,
        {
          env: {
            OTEL_METRICS_EXPORTER: 'otlp',
            OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
            OTEL_EXPORTER_OTLP_CERTIFICATE: file,
            OTEL_METRIC_EXPORT_INTERVAL: '1000',
            NODE_USE_ENV_PROXY: '1',
            HTTPS_PROXY: proxyUrl ?? proxy.url,
          },
        },
      );
    return { receiver, proxy, start };
  };
  const endItself = async (app: AppProcess): Promise<void> => {
    app.child.send('end');
    assert.deepEqual(await app.ended, { code: 0, signal: null });
  };

  it("are made like an app's requests to https", async (t) => {
    const found = await setUp(t);
    if (found === undefined) return;
    const { receiver, proxy, start } = found;
    const app = start();
    await receiver.received(2);
    assert.deepEqual([...new Set(proxy.asked)], [`CONNECT localhost:${receiver.port}`]);
    await endItself(app);
  });

  it('do not keep an app alive if the tunnel is never opened', async (t) => {
    const found = await setUp(t);
    if (found === undefined) return;
    found.proxy.silent = true;
    const app = found.start();
    await found.proxy.received(2);
    await endItself(app);
    assert.equal(app.stderr.filter((line) => /cannot export/.test(line)).length, 1, app.stderr.join('\n'));
  });

  it('are logged in one line with the reason if the tunnel is refused', async (t) => {
    // It is not a proxy, and answers CONNECT as such.
    const refusing = await startOtlpReceiver();
    t.after(() => refusing.close());
    const found = await setUp(t, `http://127.0.0.1:${refusing.port}`);
    if (found === undefined) return;
    const app = found.start();
    await app.line('stderr', /cannot export metrics to https:\S+: .*tunnel/i);
    await endItself(app);
  });
});
