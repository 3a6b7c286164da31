import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppProcess, requestCounts, samples } from '../app-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PRELOAD = join(ROOT, 'dist/register.js');

interface Report {
  readonly spans: readonly string[];
  readonly metrics: readonly string[];
}

async function run(
  program: string,
  parts: string,
  flags: readonly string[],
): Promise<AppProcess & { report: Report }> {
  const app = new AppProcess(program, { flags, env: { PARTS: parts } });
  const [text] = await app.line('stdout', /^\{.*\}$/);
  return Object.assign(app, { report: JSON.parse(text) as Report });
}

interface Expected {
  /** Requests in our HTTP metrics; undefined if there are none. */
  readonly ours: number | undefined;
  /** The value of the app's counter in our exporter. */
  readonly orders: number | undefined;
  readonly said: RegExp;
}
const WITHOUT_METRICS: Expected = { ours: 1, orders: 1, said: /^routemeter: measuring HTTP/ };
const HTTP_ONLY: Expected = {
  ours: 1,
  orders: undefined,
  said: /its instruments go there; only HTTP requests and the runtime are measured/,
};
const ASIDE: Expected = { ours: undefined, orders: undefined, said: /measures HTTP itself: stepping aside/ };

describe("the app's own OpenTelemetry", () => {
  for (const program of ['otel-2/app.cjs', 'otel-2/app.mjs', 'otel-3/app.cjs', 'otel-3/app.mjs']) {
    // Without a loader, the instrumentation patches no server that an ES module imports: only we measure it then.
    const withHttp = program.endsWith('.cjs') ? ASIDE : HTTP_ONLY;
    const cases: [parts: string, expected: Expected][] = [
      ['', WITHOUT_METRICS],
      ['tracing,http', WITHOUT_METRICS],
      ['metrics', HTTP_ONLY],
      ['tracing,metrics,http', withHttp],
      ['tracing,metrics,late', HTTP_ONLY],
    ];
    // One program shows that tracing makes no difference.
    if (program === 'otel-3/app.cjs') {
      cases.push(['tracing', WITHOUT_METRICS], ['tracing,metrics', HTTP_ONLY], ['metrics,http', withHttp]);
    }
    for (const [parts, expected] of cases) {
      it(`${program} with ${parts || 'the API only'} exports the same as without routemeter`, async () => {
        const [without, app] = await Promise.all([
          run(program, parts, []),
          run(program, parts, ['--import', PRELOAD]),
        ]);
        assert.deepEqual(app.report, without.report);
        assert.equal(app.report.spans.length > 0, parts.includes('tracing'));
        await app.line('stderr', expected.said);
        if (expected.ours === undefined) {
          assert.deepEqual(
            app.report.metrics.filter((metric) => /http\.server.*duration/.test(metric)).length,
            1,
          );
          assert.equal(app.stderr.filter((line) => /\/metrics/.test(line)).length, 0);
        } else {
          const exposition = await app.scrape();
          assert.deepEqual(Object.values(requestCounts(exposition)), [expected.ours]);
          assert.equal(samples(exposition, 'orders_total')[''], expected.orders);
          assert.doesNotMatch(exposition, /http_server_duration/);
        }
        await Promise.all([app.end(), without.end()]);
      });
    }
  }
});

describe('an instrumentation of the app that patches the server only after it listens', () => {
  const get = async (app: AppProcess): Promise<void> => {
    const body = await app.get('/');
    assert.deepEqual(body, { status: 200, body: 'ok' });
  };

  it('measures with its own MeterProvider: we step aside at its first request', async () => {
    const app = await run('otel-3/app.cjs', 'metrics,latehttp', ['--import', PRELOAD]);
    await app.line('stderr', /only HTTP requests and the runtime are measured/);
    const endpoint = await app.endpoint();
    app.child.send('patch');
    await app.line('stdout', /^patched$/);
    await get(app);
    await app.line('stderr', /measures HTTP itself: stepping aside/);
    await assert.rejects(fetch(endpoint));
    await app.end();
  });

  it('replaces the otel engine: the lean one continues to measure', async () => {
    const app = new AppProcess('otel-3/app.cjs', {
      flags: ['--import', PRELOAD],
      env: { PARTS: 'tracing,latehttp', ROUTEMETER_HTTP_ENGINE: 'otel' },
    });
    await app.url();
    app.child.send('patch');
    await app.line('stdout', /^patched$/);
    await get(app);
    await app.line('stderr', /measuring with the lean engine instead/);
    await get(app);
    assert.deepEqual(Object.values(requestCounts(await app.scrape())), [3]);
    await app.end();
  });
});

describe('the dependency tree', () => {
  it('has one copy of the metrics SDK for us', () => {
    const copies: string[] = [];
    const search = (folder: string): void => {
      const modules = join(folder, 'node_modules');
      if (!existsSync(modules)) return;
      for (const name of readdirSync(modules)) {
        if (name.startsWith('.')) continue;
        const packages = name.startsWith('@')
          ? readdirSync(join(modules, name)).map((sub) => join(name, sub))
          : [name];
        for (const pkg of packages) {
          if (pkg === '@opentelemetry/sdk-metrics') copies.push(join(modules, pkg));
          search(join(modules, pkg));
        }
      }
    };
    search(ROOT);
    // The app of otel-2 has an SDK of its own on purpose.
    assert.deepEqual(
      copies.filter((copy) => !/otel-2/.test(copy)),
      [join(ROOT, 'node_modules/@opentelemetry/sdk-metrics')],
    );
  });
});
