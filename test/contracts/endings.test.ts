/** How a process with exporters ends, and what its backends have got then: the table of docs/exporters.md. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AppOptions, AppProcess, PATIENT, REGISTER } from '../app-process.ts';
import { table } from '../docs/pages.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';
import { EXPORTERS, KINDS } from './exporters.ts';

interface Ending {
  readonly before?: string;
  readonly after?: string;
  readonly signal?: NodeJS.Signals;
}

const ITSELF: Ending = { after: 'server.close()' };
const ENDINGS: Readonly<Record<string, Ending>> = {
  'by itself': ITSELF,
  'by SIGTERM or SIGINT, without a handler of the app': { signal: 'SIGINT' },
  'in a handler that closes what is open': { before: `process.on('SIGTERM', close)`, signal: 'SIGTERM' },
  'in a handler that calls process.exit at once': {
    before: `process.on('SIGTERM', () => process.exit(3))`,
    signal: 'SIGTERM',
  },
  'by process.exit': { after: 'process.exit(3)' },
  'by an uncaught exception or a rejection': {
    after: `setImmediate(() => { throw new Error('on purpose') })`,
  },
  'by another signal, SIGHUP for one': { signal: 'SIGHUP' },
  'by SIGKILL, as when memory or power is gone': { signal: 'SIGKILL' },
  'by process.exit after await stop()': { after: 'await stop(); process.exit(3)' },
};

/** A server that answers one request of its own, and then ends in that way. */
const program = ({ before = '', after = '' }: Ending): string => `
  import http from 'node:http';
  import { stop } from 'routemeter';
  const server = http.createServer((_req, res) => res.end('ok'));
  const close = () => { console.log('closing'); server.close(); server.closeAllConnections(); };
  ${before};
  server.listen(0, '127.0.0.1', async () => {
    await (await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } })).text();
    console.log('ready');
    ${after};
  });`;

async function endOf(ending: Ending, options: AppOptions) {
  const app = new AppProcess(program(ending), options);
  await app.line('stdout', /^ready$/);
  if (ending.signal) app.child.kill(ending.signal);
  return { app, outcome: { ...(await app.ended), stdout: app.stdout } };
}

const LOST = {
  otlp: 'since the last push',
  statsd: 'since the last packets',
  console: 'since the last table',
};
const PUSHING = ['otlp', 'statsd', 'console'] as const;
const rows = table(
  'docs/exporters.md',
  '| The process ends | `prometheus` | `otlp` | `statsd` | `console` |',
);

async function assertEnds(how: string, exporters: readonly (keyof typeof EXPORTERS)[]): Promise<void> {
  const ending = ENDINGS[how] ?? assert.fail('an ending that is not tested');
  const [, prometheus, ...cells] = rows.find(([name]) => name === how) ?? [];
  const pushing = PUSHING.filter((kind) => exporters.includes(kind));
  const backends = await Promise.all(
    pushing.map(async (kind) => ({ kind, backend: await EXPORTERS[kind].start?.() })),
  );
  const env = Object.assign({}, ...backends.map(({ backend }) => backend?.env));
  const [{ app, outcome }, without] = await Promise.all([
    endOf(ending, { flags: PATIENT, env: { ...env, OTEL_METRICS_EXPORTER: exporters.join() } }),
    endOf(ending, { flags: [] }),
  ]);
  assert.deepEqual(outcome, without.outcome);
  assert.equal(prometheus, 'since the last scrape');
  for (const { kind, backend } of backends) {
    const lost = cells[PUSHING.indexOf(kind)];
    if (lost === 'nothing') await backend?.got();
    assert.equal(lost, backend?.has(app) ? 'nothing' : LOST[kind], kind);
    await backend?.stop();
  }
}

describe('a process with all exporters ends as without routemeter, and loses only what is documented', () => {
  it('of each ending', () =>
    assert.deepEqual(
      rows.map(([how]) => how),
      Object.keys(ENDINGS),
    ));
  for (const how of Object.keys(ENDINGS)) it(how, () => assertEnds(how, KINDS));
});

describe('a process with one exporter ends as without routemeter', () => {
  for (const kind of KINDS) it(`by itself: ${kind}`, () => assertEnds('by itself', [kind]));
});

describe('no exporter delays the end of a process whose backends', () => {
  /** A push that was waited for would last longer than the test. */
  const LONG = { OTEL_EXPORTER_OTLP_TIMEOUT: '600000', OTEL_METRIC_EXPORT_TIMEOUT: '600000' };
  for (const [what, hang] of [
    ['refuse', false],
    ['hang', true],
  ] as const) {
    for (const [how, ending] of [
      ['by itself', ITSELF],
      ['by SIGTERM', { signal: 'SIGTERM' }],
    ] as const) {
      it(`${what}: ${how}`, async (t) => {
        const receiver = await startOtlpReceiver();
        receiver.answer = { kind: 'hang' };
        if (hang) t.after(() => receiver.close());
        else await receiver.close();
        const statsd = await EXPORTERS.statsd.start?.();
        await statsd?.stop();
        const env = {
          ...statsd?.env,
          ...LONG,
          OTEL_METRICS_EXPORTER: KINDS.join(),
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
          OTEL_METRIC_EXPORT_INTERVAL: '50',
          ROUTEMETER_STATSD_INTERVAL: '50',
        };
        const { app, outcome } = await endOf(ending, { flags: ['--import', REGISTER], env });
        assert.deepEqual(outcome, (await endOf(ending, { flags: [] })).outcome);
        for (const { down } of Object.values(EXPORTERS)) {
          if (down) assert.equal(app.stderr.filter((line) => down.test(line)).length, 1, String(down));
        }
      });
    }
  }
});
