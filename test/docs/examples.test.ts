/** Runs what the documentation shows. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { AppProcess, appPath, REGISTER } from '../app-process.ts';
import { type Answer, startOtlpReceiver } from '../receivers/otlp.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';
import { BLOCKS, block, read, table } from './pages.ts';

const SHOP = '../../examples/shop/app.js';

describe('examples', () => {
  it('of the README: the shop logs and serves what is shown', async () => {
    const shop = new AppProcess(SHOP, { env: { PORT: '0', OTEL_SERVICE_NAME: 'shop' } });
    await shop.get('/users/42/orders/7');
    const kept = block('README.md', 'scraped from: examples/shop/app.js').lines;
    const shape = (line: string): string =>
      line.replace(/(?<=service_instance_id=")[^"]+/, 'UUID').replace(/(?<!^#.*) [\d.e-]+$/, ' N');
    const shown = kept.filter((line) => line !== '...').map(shape);
    const served = (await shop.scrape()).trimEnd().split('\n').map(shape);
    assert.deepEqual(
      served.filter((line) => !/_bucket\{|\b(?:nodejs|process|v8js)_/.test(line) || shown.includes(line)),
      shown,
    );
    assert.deepEqual(
      shop.stderr.map(withoutNumbers),
      block('README.md', 'said by: examples/shop/app.js').lines.map(withoutNumbers),
    );

    const endpoint = await shop.endpoint();
    for (const [request = '', status] of table('docs/endpoint.md', '| Request | Status | Body |')) {
      const [method = '', path = ''] = request.split(' ');
      assert.equal((await fetch(new URL(path, endpoint), { method })).status, Number(status), request);
    }
  });

  for (const [page, note, env] of [
    ['README.md', 'own instruments', {}],
    [
      'docs/opentelemetry.md',
      'views',
      { ROUTEMETER_BUCKETS: '0.1,0.5,1;packing.*=0.25,0.5', ROUTEMETER_ATTRIBUTES: '-order' },
    ],
  ] as const) {
    it(`of ${page}: ${note}`, async () => {
      for (const [name, value] of Object.entries(env)) {
        assert.match(read(page), new RegExp(`${name}='?${value.replace(/[.*]/g, '\\$&')}'?[ \`]`));
      }
      const app = new AppProcess(`${block(page, `runs: ${note}`).lines.join('\n')}\n`, { env });
      const shown = block(page, `scraped from: ${note}`).lines.join('\n');
      assert.ok((await app.scrape()).includes(shown), shown);
    });
  }

  it('of the README: start() and stop()', async () => {
    const app = new AppProcess(block('README.md', 'runs: prints "stopped"').lines.join('\n'), { flags: [] });
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    assert.deepEqual(app.stdout, ['stopped']);
    assert.deepEqual(app.stderr, []);
  });
});

/** The line without addresses, intervals, process ids and reasons, which differ. */
const withoutNumbers = (line: string): string =>
  line
    .replace(/(?:localhost|127\.0\.0\.1|0\.0\.0\.0):\d+/g, 'HOST')
    .replace(/every [\d.]+ s/, 'every N s')
    .replace(/process \d+/, 'process N')
    .replace(/each is by itself: .*/, 'each is by itself: why')
    .replace(/injected at .*/, 'the reason');

const LISTENS = `http.createServer((_q, r) => r.end('ok')).listen(0, '127.0.0.1'`;
const INSTRUMENTATION = `const require = createRequire(process.cwd() + '/x.js');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');
  require('@opentelemetry/api').metrics.setGlobalMeterProvider(new MeterProvider());`;
const IMPORTS = `import { createRequire } from 'node:module';\nimport http from 'node:http';\n`;

/** Looks like Bun; `runtimes.test.ts` starts the real one, in the pinned version. */
const UNDER_BUN = `data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, 'versions', { value: { ...process.versions, bun: '1.4.5' } })`,
)}`;

/** With these, requests are measured per route. */
const ROUTES = { ROUTEMETER_ROUTES: '/users/:id' };

describe('what is logged to stderr', () => {
  const said = new Set<string>();
  const hear = async (app: AppProcess): Promise<void> => {
    await app.end();
    for (const line of app.stderr) said.add(withoutNumbers(line));
  };

  before(async () => {
    const port = await deadPort();
    const holder = createServer().listen(0, 'localhost');
    await once(holder, 'listening');
    const address = holder.address();
    const taken = typeof address === 'object' && address !== null ? String(address.port) : '';
    const otlp = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_SERVICE_NAME: 'shop' };
    const server = `${IMPORTS}${LISTENS});`;
    const runs: [last: RegExp, program: string, env: Record<string, string>, flags?: string[]][] = [
      [/measuring/, server, { OTEL_METRICS_EXPORTER: 'prometheus,otlp', ...otlp, ...ROUTES }],
      [/cannot listen/, server, { OTEL_EXPORTER_PROMETHEUS_PORT: taken }],
      [/no exporter/, server, { OTEL_METRICS_EXPORTER: 'none' }],
      [/CARDINALITY/, server, { OTEL_METRICS_EXPORTER: 'prometeus', ROUTEMETER_CARDINALITY_LIMIT: 'many' }],
      [/only HTTP/, `${IMPORTS}${INSTRUMENTATION}${LISTENS});`, {}],
      [
        /stepping aside/,
        `${IMPORTS}${INSTRUMENTATION}
        const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
        new HttpInstrumentation().enable();
        require('node:http');
        ${LISTENS});`,
        {},
      ],
      [
        /new series now get/,
        `${IMPORTS}${LISTENS}, async function () {
          const { port } = this.address();
          for (let i = 0; i < 9; i++)
            await new Promise((done) => http.get({ port, host: '127.0.0.1', headers: { host: 'h' + i } }, (r) => r.resume().on('end', done)));
        });`,
        { ROUTEMETER_ATTRIBUTES: '+server.address', ROUTEMETER_CARDINALITY_LIMIT: '10' },
      ],
      [
        /was dropped/,
        `import { metrics } from '@opentelemetry/api';
        const meter = metrics.getMeter('shop');
        const orders = meter.createCounter('orders');
        for (let i = 0; i < 20; i++) orders.add(1, { user: i });
        meter.createCounter('orders').add(NaN);`,
        { ROUTEMETER_CARDINALITY_LIMIT: '10' },
      ],
      [
        /internal error/,
        `${IMPORTS}${LISTENS}, function () { http.get({ port: this.address().port, host: '127.0.0.1' }); });`,
        { FAULTS: 'http.request.start' },
        ['--import', pathToFileURL(appPath('faults.mjs')).href, '--import', REGISTER],
      ],
      [/seems to be bundled/, 'bundled.mjs', {}],
      [/is not supported/, server, {}, ['--import', UNDER_BUN, '--import', REGISTER]],
    ];
    const listen = async ([last, program, env, flags]: (typeof runs)[number]): Promise<void> => {
      const app = new AppProcess(program, { env, ...(flags && { flags }) });
      await app.line('stderr', last);
      await hear(app);
    };
    const recover = async (): Promise<void> => {
      const env = { ...otlp, OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '1000' };
      const app = new AppProcess(
        `${IMPORTS}${LISTENS}, function () { http.get({ port: this.address().port, host: '127.0.0.1' }); });`,
        { env },
      );
      await app.line('stderr', /cannot export/);
      const receiver = await startOtlpReceiver({ port });
      await app.line('stderr', /again$/);
      await receiver.close();
      await hear(app);
    };
    const answered = async (answer: Answer, env: (url: string) => Record<string, string>): Promise<void> => {
      const receiver = await startOtlpReceiver();
      receiver.answer = answer;
      const app = new AppProcess(server, {
        env: {
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_METRIC_EXPORT_INTERVAL: '3000',
          ...env(`http://localhost:${receiver.port}`),
        },
      });
      await app.line('stderr', /cannot export|rejected|port 4317/);
      await receiver.close();
      await hear(app);
    };
    const answers = [
      answered({ kind: 'status', status: 404, body: 'no such page' }, (url) => ({
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${url}/metrics`,
      })),
      answered({ kind: 'partial', rejected: 2, message: 'too old' }, (url) => ({
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
      })),
      answered({ kind: 'accept' }, () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4317' })),
    ];
    const recoverStatsd = async (): Promise<void> => {
      const statsd = await startStatsdReceiver();
      await statsd.stop();
      const app = new AppProcess(server, {
        env: {
          OTEL_METRICS_EXPORTER: 'statsd',
          ROUTEMETER_STATSD_URL: statsd.url,
          ROUTEMETER_STATSD_INTERVAL: '100',
        },
      });
      await app.line('stderr', /cannot export/);
      await statsd.start();
      await app.line('stderr', /again$/);
      await statsd.stop();
      await hear(app);
    };
    const share = async (): Promise<void> => {
      const port = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await deadPort()) };
      const apps: AppProcess[] = [];
      const everywhere = { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' };
      for (const [service, line, program, more = {}] of [
        ['shop', /measuring/, server],
        ['shop', /served by/, server],
        ['shop', /once that process has ended/, server, everywhere],
        ['billing', /belongs to/, server],
        ['billing', /by itself/, `process.getuid = undefined;\n${server}`],
      ] as const) {
        const env = { ...port, OTEL_SERVICE_NAME: service, ...ROUTES, ...more };
        const app = new AppProcess(program, { env });
        apps.push(app);
        await app.line('stderr', line);
      }
      for (const app of apps) {
        await hear(app);
      }
    };
    await Promise.all([...runs.map(listen), ...answers, recover(), recoverStatsd(), share()]);
    holder.close();
  });

  const shown = BLOCKS.filter(
    ({ note, lines }) => note === undefined && lines[0]?.startsWith('routemeter: '),
  );
  for (const { page, lines } of shown) {
    for (const line of lines) {
      it(`${page}: ${line}`, () => assert.ok(said.has(withoutNumbers(line)), [...said].join('\n')));
    }
  }

  it('are more than ten', () => assert.ok(shown.flatMap(({ lines }) => lines).length > 10));
});

/** A port that refuses connections. */
async function deadPort(): Promise<number> {
  const receiver = await startOtlpReceiver();
  await receiver.close();
  return receiver.port;
}
