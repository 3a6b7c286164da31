import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { type AppOptions, AppProcess, appPath, PATIENT, REGISTER } from '../app-process.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../receivers/otlp.ts';

/** A bound that only a hang exceeds: the flush may take 0.8 s, a busy machine takes its time to end a process. */
const HANG_MILLIS = 4000;

/** A server that answers one request of its own, then runs the part that differs. */
const program = (beforeListen: string, afterRequest: string): string => `
  import http from 'node:http';
  import { createRequire } from 'node:module';
  const require = createRequire(process.cwd() + '/x.js');
  const server = http.createServer((_req, res) => res.end('ok'));
  const shutDown = () => { console.log('shutting down'); server.close(); server.closeAllConnections(); };
  ${beforeListen};
  server.listen(0, '127.0.0.1', async () => {
    await (await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } })).text();
    ${afterRequest};
    console.log('ready');
  });`;

const toOtlp = (receiver: { port: number }, env: AppOptions['env'] = {}): AppOptions => ({
  env: {
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
    ...env,
  },
});

const requestsPushed = (receiver: OtlpReceiver): number =>
  receiver.requests
    .at(-1)
    ?.points.filter(({ metric }) => metric === 'http.server.request.duration')
    .reduce((sum, { value }) => sum + value, 0) ?? 0;

interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Runs it to its end, by a signal if there is one. */
async function endOf(
  text: string,
  signal?: NodeJS.Signals,
): Promise<{ readonly app: AppProcess; readonly ending: Ending; readonly pushed: number }> {
  const receiver = await startOtlpReceiver();
  const app = new AppProcess(text, { ...toOtlp(receiver), flags: PATIENT });
  await app.line('stdout', /^ready$/);
  const ending = await (signal ? app.end(signal) : app.ended);
  await receiver.close();
  return { app, ending, pushed: requestsPushed(receiver) };
}

const killed = (signal: NodeJS.Signals): Ending => ({ code: null, signal });
const exited = (code: number): Ending => ({ code, signal: null });

describe('a signal means what it meant without us, and what is pending is pushed', () => {
  type Case = [name: string, before: string, after: string, ending: Ending, pushed: number, output: string[]];
  const cases: Case[] = [
    ['no handler', '', '', killed('SIGTERM'), 1, []],
    ['a handler added before', `process.on('SIGTERM', shutDown)`, '', exited(0), 1, ['shutting down']],
    ['a handler added after', '', `process.on('SIGTERM', shutDown)`, exited(0), 1, ['shutting down']],
    ['once, before', `process.once('SIGTERM', shutDown)`, '', exited(0), 1, ['shutting down']],
    ['once, after', '', `process.once('SIGTERM', shutDown)`, exited(0), 1, ['shutting down']],
    [
      'a slow shutdown by once',
      '',
      `process.once('SIGTERM', () => setTimeout(shutDown, 1200))`,
      exited(0),
      1,
      ['shutting down'],
    ],
    [
      'a handler that calls process.exit',
      '',
      `process.on('SIGTERM', () => process.exit(3))`,
      exited(3),
      0,
      [],
    ],
    [
      'a handler that calls process.exit later',
      '',
      `process.on('SIGTERM', () => setTimeout(() => process.exit(3), 1200))`,
      exited(3),
      1,
      [],
    ],
    [
      'signal-exit 3, loaded before',
      `require('signal-exit3')((code, signal) => console.log('hook', code, signal))`,
      '',
      killed('SIGTERM'),
      1,
      ['hook null SIGTERM'],
    ],
    [
      'signal-exit 3, loaded after',
      '',
      `require('signal-exit3')((code, signal) => console.log('hook', code, signal))`,
      killed('SIGTERM'),
      1,
      ['hook null SIGTERM'],
    ],
    [
      'signal-exit 4, loaded before',
      `require('signal-exit4').onExit((code, signal) => console.log('hook', code, signal))`,
      '',
      killed('SIGTERM'),
      1,
      ['hook null SIGTERM'],
    ],
    [
      'signal-exit 4, loaded after',
      '',
      `require('signal-exit4').onExit((code, signal) => console.log('hook', code, signal))`,
      killed('SIGTERM'),
      1,
      ['hook null SIGTERM'],
    ],
    [
      'signal-exit 3 and 4 together',
      `require('signal-exit3')(() => console.log('three')); require('signal-exit4').onExit(() => console.log('four'))`,
      '',
      killed('SIGTERM'),
      1,
      ['four', 'three'],
    ],
    [
      'signal-exit 4 beside a handler',
      `require('signal-exit4').onExit((code, signal) => console.log('hook', code, signal))`,
      `process.on('SIGTERM', shutDown)`,
      exited(0),
      1,
      ['shutting down', 'hook 0 null'],
    ],
  ];
  for (const [name, before, after, expected, pushed, output] of cases) {
    it(name, async () => {
      const seen = await endOf(program(before, after), 'SIGTERM');
      assert.deepEqual(seen.ending, expected);
      const without = new AppProcess(program(before, after), { flags: [] });
      await without.line('stdout', /^ready$/);
      assert.deepEqual(await without.end('SIGTERM'), expected, 'without the preload');
      assert.deepEqual(seen.app.stdout, without.stdout);
      assert.deepEqual(seen.app.stdout.slice(1).sort(), [...output].sort());
      assert.equal(seen.pushed, pushed);
    });
  }

  it('SIGINT as well', async () => {
    const { ending, pushed } = await endOf(program('', ''), 'SIGINT');
    assert.deepEqual([ending, pushed], [killed('SIGINT'), 1]);
  });

  it('a handler that goes on keeps the process, signal after signal', async () => {
    const receiver = await startOtlpReceiver();
    const app = new AppProcess(
      program('', `let n = 0; process.on('SIGTERM', () => console.log('signal ' + ++n))`),
      toOtlp(receiver),
    );
    await app.line('stdout', /^ready$/);
    for (let n = 1; n <= 3; n++) {
      app.child.kill('SIGTERM');
      await app.line('stdout', new RegExp(`^signal ${n}$`));
      await receiver.received(n);
    }
    await app.end();
    await receiver.close();
  });

  it('a second one during the flush ends the process at once', async () => {
    const receiver = await startOtlpReceiver();
    receiver.answer = { kind: 'hang' };
    // A busy loop keeps every listener and timer from running: only the system itself can end the process then.
    const app = new AppProcess(
      program('', `process.on('message', () => { console.log('busy'); for (;;); })`),
      toOtlp(receiver),
    );
    await app.line('stdout', /^ready$/);
    app.child.kill('SIGINT');
    await receiver.received(1);
    app.child.send('be busy');
    await app.line('stdout', /^busy$/);
    assert.deepEqual(await app.end('SIGINT'), killed('SIGINT'));
    await receiver.close();
  });

  const unshare = spawnSync('unshare', ['--pid', '--fork', '--kill-child', 'true']);
  it('process 1 survives it as without us', {
    skip: unshare.status === 0 ? false : 'needs the right to make PID namespaces',
  }, async () => {
    const receiver = await startOtlpReceiver();
    // A namespace's first process, signalled from inside it, as an orchestrator's exec does.
    const app = spawn(
      'unshare',
      [
        '--pid',
        '--fork',
        '--kill-child',
        '--mount-proc',
        process.execPath,
        '--import',
        REGISTER,
        appPath('pid1.mjs'),
      ],
      {
        cwd: appPath('.'),
        env: { ...process.env, ...toOtlp(receiver).env },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    app.stdout.on('data', (data) => {
      output += data;
    });
    const [code] = await once(app, 'close');
    assert.equal(code, 0);
    assert.deepEqual(output.trim().split('\n'), ['1', 'alive after SIGTERM', 'alive after SIGTERM']);
    assert.ok(receiver.requests.length >= 2);
    await receiver.close();
  });
});

describe('the end of a process', () => {
  it('by itself pushes what is pending', async () => {
    const { ending, pushed } = await endOf(program('', 'server.close()'));
    assert.deepEqual([ending, pushed], [exited(0), 1]);
  });

  it('by an uncaught exception is as without us', async () => {
    const receiver = await startOtlpReceiver();
    const app = new AppProcess(
      program('', `setImmediate(() => { throw new Error('on purpose') })`),
      toOtlp(receiver),
    );
    assert.deepEqual(await app.ended, exited(1));
    assert.ok(app.stderr.some((line) => line === 'Error: on purpose'));
    await receiver.close();
  });

  for (const [backend, answer] of [
    ['refuses', undefined],
    ['hangs', { kind: 'hang' }],
    ['answers 503', { kind: 'status', status: 503, headers: { 'retry-after': '30' } }],
  ] as const) {
    for (const [how, after, signal] of [
      ['by itself', 'server.close()', undefined],
      ['by SIGTERM', '', 'SIGTERM'],
    ] as const) {
      it(`${how} is not held up by a backend that ${backend}`, async () => {
        const receiver = await startOtlpReceiver();
        if (answer) receiver.answer = answer;
        else await receiver.close();
        const app = new AppProcess(
          program('', after),
          toOtlp(receiver, { OTEL_METRIC_EXPORT_INTERVAL: '50' }),
        );
        await app.line('stdout', /^ready$/);
        const start = performance.now();
        if (signal) app.child.kill(signal);
        assert.deepEqual(await app.ended, signal ? killed(signal) : exited(0));
        assert.ok(performance.now() - start < HANG_MILLIS);
        if (answer) await receiver.close();
      });
    }
  }

  it('is never put off by exporters that wait for their interval or for a scrape', async () => {
    const app = new AppProcess(program('', 'server.close()'), {
      env: { OTEL_METRICS_EXPORTER: 'prometheus,console' },
    });
    await app.line('stdout', /^ready$/);
    const start = performance.now();
    assert.deepEqual(await app.ended, exited(0));
    assert.ok(performance.now() - start < HANG_MILLIS);
  });
});
