/** Where nothing is measured, the calls do nothing and the app runs as without the package. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, REGISTER } from '../../app-process.ts';

/** Runs first, and notes uses of asynchronous contexts and of the server's events. */
const SPIES = `
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import { IncomingMessage } from 'node:http';
const used = new Set();
const spy = (prototype, method) => {
  const original = prototype[method];
  prototype[method] = function (...given) {
    used.add(method);
    return original.apply(this, given);
  };
};
spy(AsyncLocalStorage.prototype, 'enterWith');
spy(AsyncLocalStorage.prototype, 'run');
spy(Object.getPrototypeOf(createHook({})), 'enable');
/** Answers two requests, and prints the answers and what was used; then the process has nothing left to do. */
const serve = async (createServer, answer) => {
  const server = createServer(async (_req, res) => {
    const lines = [];
    await answer((what) => lines.push(String(what)));
    res.end(lines.join());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  for (const id of [1, 2]) {
    const response = await fetch('http://127.0.0.1:' + server.address().port + '/users/' + id, {
      headers: { connection: 'close' },
    });
    console.log(await response.text());
  }
  server.close();
  if (Object.hasOwn(IncomingMessage.prototype, 'emit')) used.add('emit');
  console.log('used: ' + [...used].join());
};
`;

/** Every call, right and wrong. */
const CALLS = `
const { count, metered, observe, route, tag, time } = await import('routemeter');
const error = new TypeError('no');
class Query {
  then(done) { done('rows'); }
}
const calls = async (say) => {
  for (const wrong of [undefined, NaN, Symbol(), { toString() { throw error } }]) {
    count(wrong, wrong ?? 1); observe(wrong, wrong); tag(wrong, wrong); route(wrong); time(wrong).stop();
  }
  count('a'); count('a', 2); observe('b', 1, { unit: 'By' }); tag('plan', 'pro'); route('/a');
  say(time('c', () => 'sync'));
  say(await time('c', async () => 'async'));
  say(await time('c', () => new Query()));
  say([...time('c', function* () { yield 1; yield 2; })]);
  for await (const each of time('c', async function* () { yield 'row'; })) say(each);
  try { time('c', () => { throw error }); } catch (caught) { say(caught === error); }
  await time('c', async () => { throw error }).catch((caught) => say(caught === error));
  const timer = time('d');
  timer.stop(); timer.stop(error); timer[Symbol.dispose]();
  const double = metered(function double(value) { return value * this.factor; });
  say([double.name, double.length, double.call({ factor: 2 }, 21)]);
};
`;
const SAID_BY_CALLS = 'sync,async,rows,1,2,row,true,true,double,1,42';
const SERVER = `const { createServer } = await import('node:http');\n`;

interface Setup {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** Runs before the calls are imported. */
  readonly before?: string;
  /** False: there is no call before the server listens, when this becomes known. */
  readonly early?: false;
  /** What is logged without any call, too. */
  readonly said?: readonly RegExp[];
}

const OWN_OPENTELEMETRY = `
const { createRequire } = await import('node:module');
const require = createRequire(process.cwd() + '/app.js');
const { metrics } = require('@opentelemetry/api');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { MeterProvider } = require('@opentelemetry/sdk-metrics');
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
metrics.setGlobalMeterProvider(new MeterProvider());
require('node:http');
`;

const setups: [what: string, setup: Setup][] = [
  ['without the preload', { flags: [] }],
  ['with OTEL_SDK_DISABLED', { env: { OTEL_SDK_DISABLED: 'true' } }],
  [
    'without an exporter',
    { env: { OTEL_METRICS_EXPORTER: 'none' }, said: [/no exporter is configured: nothing is measured$/] },
  ],
  [
    'with a bad configuration',
    { env: { ROUTEMETER_TAGS: 'plan' }, said: [/configuration/, /ROUTEMETER_TAGS/] },
  ],
  [
    'after stop()',
    {
      flags: [],
      before: `const { start, stop } = await import('routemeter/start'); start(); await stop();\n`,
    },
  ],
  [
    'after stop() of what the API was imported for',
    {
      flags: [],
      before: `const { start, stop } = await import('routemeter'); start(); await stop();\n`,
    },
  ],
  [
    "where the app's own OpenTelemetry measures",
    { before: OWN_OPENTELEMETRY, early: false, said: [/measures HTTP itself: stepping aside$/] },
  ],
];

/** Runs the program to its end. */
async function run(
  program: string,
  { env = {}, flags = ['--import', REGISTER] }: Setup,
): Promise<AppProcess> {
  const app = new AppProcess(program, { flags, env: { ROUTEMETER_ROUTES: '/users/:id', ...env } });
  assert.deepEqual(await app.ended, { code: 0, signal: null }, app.stderr.join('\n'));
  return app;
}

describe('the calls do nothing, log nothing and do not keep the process alive', () => {
  for (const [what, setup] of setups) {
    it(what, async () => {
      const early = setup.early === false ? '' : 'await calls(() => {});\n';
      const app = await run(
        `${SPIES}${setup.before ?? ''}${CALLS}${SERVER}${early}await serve(createServer, calls);\n`,
        setup,
      );
      assert.deepEqual(app.stdout, [SAID_BY_CALLS, SAID_BY_CALLS, 'used: ']);
      const said = setup.said ?? [];
      assert.equal(app.stderr.length, said.length, app.stderr.join('\n'));
      for (const [i, line] of said.entries()) assert.match(app.stderr[i] ?? '', line);
    });
  }
});

describe('once', () => {
  it("the app's own OpenTelemetry takes over, the calls no longer do anything", async () => {
    const app = await run(
      `${SPIES}${CALLS}
      const { createServer } = await import('node:http');
      await serve(createServer, async () => {});
      ${OWN_OPENTELEMETRY}
      await serve(createServer, async () => {});
      used.clear();
      await serve(createServer, calls);\n`,
      {},
    );
    assert.deepEqual(app.stdout.slice(-3), [SAID_BY_CALLS, SAID_BY_CALLS, 'used: ']);
    const own = 'the app sets its own OpenTelemetry MeterProvider';
    assert.deepEqual(
      app.stderr.map((line) => line.replace(/:.*?http:.*/, '')),
      [
        'routemeter',
        `routemeter: ${own}: its instruments go there; only HTTP requests and the runtime are measured here`,
        `routemeter: ${own} and measures HTTP itself: stepping aside`,
      ],
    );
  });
});

describe('requests are tracked one by one', () => {
  const ONLY_START = `const { start } = await import('routemeter/start'); start();\n`;
  const cases: [what: string, program: string, setup: Setup, used: RegExp][] = [
    ['where the API is imported', `${SPIES}${CALLS}${SERVER}`, {}, /^used: enterWith,.*emit$/],
    ['not where it is not', `${SPIES}${SERVER}const calls = () => {};\n`, {}, /^used: $/],
    [
      'not by routemeter/start alone',
      `${SPIES}${ONLY_START}${SERVER}const calls = () => {};\n`,
      { flags: [] },
      /^used: $/,
    ],
    [
      'by routemeter/start where the API is imported too',
      `${SPIES}${ONLY_START}${CALLS}${SERVER}`,
      { flags: [] },
      /^used: enterWith,.*emit$/,
    ],
    [
      'not where requests are not measured',
      `${SPIES}${CALLS}${SERVER}`,
      { env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' } },
      /^used: $/,
    ],
  ];
  for (const [what, program, setup, used] of cases) {
    it(what, async () => {
      const app = await run(`${program}await serve(createServer, calls);\n`, setup);
      assert.match(app.stdout.at(-1) ?? '', used);
    });
  }
});
