import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AppProcess, PATIENT } from '../app-process.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../receivers/otlp.ts';

type Signals = readonly NodeJS.Signals[];

let receiver: OtlpReceiver;
before(async () => {
  receiver = await startOtlpReceiver();
});
after(() => receiver.close());

/** A server that prints `ready` when it listens and has nothing else to do. */
const program = (beforeListen: string, afterListen: string): string => `
  import http from 'node:http';
  const server = http.createServer((_req, res) => res.end('ok'));
  ${beforeListen};
  server.listen(0, '127.0.0.1', () => setImmediate(() => {
    ${afterListen};
    console.log('ready');
  }));`;

function launch(text: string, exporter: string | undefined, to: OtlpReceiver, wrapper: readonly string[]) {
  return new AppProcess(text, {
    wrapper,
    flags: exporter === undefined ? [] : PATIENT,
    env: {
      OTEL_METRICS_EXPORTER: exporter ?? '',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${to.port}`,
    },
  });
}

/**
 * Sends an app the signals, each as soon as it has printed that it heard the one before, and waits for its end. One
 * that is to survive them is asked whether it lives.
 */
async function outcomeOf(app: AppProcess, signals: Signals, lives: boolean): Promise<unknown> {
  if (signals.length > 0 || lives) await app.line('stdout', /^ready$/);
  for (const [heard, signal] of signals.entries()) {
    if (heard > 0) await app.lines('stdout', /^heard/, heard);
    app.child.kill(signal);
  }
  if (lives) {
    if (signals.length > 0) await app.lines('stdout', /^heard/, signals.length);
    app.child.send('are you alive?');
    await app.line('stdout', /^alive$/);
    app.child.kill('SIGKILL');
  }
  return { ...(await app.ended), stdout: app.stdout };
}

interface Options {
  readonly lives?: boolean;
  readonly wrapper?: readonly string[];
  /** With the second, there is nothing to push. */
  readonly exporters?: readonly ('otlp' | 'prometheus')[];
}

async function assertSameWithoutUs(
  text: string,
  signals: Signals,
  { lives = false, wrapper = [], exporters = ['otlp', 'prometheus'] }: Options = {},
) {
  const [without, ...outcomes] = await Promise.all(
    [undefined, ...exporters].map((exporter) =>
      outcomeOf(launch(text, exporter, receiver, wrapper), signals, lives),
    ),
  );
  for (const [n, outcome] of outcomes.entries()) assert.deepEqual(outcome, without, exporters[n]);
}

const LIVES = `process.on('message', () => console.log('alive'))`;

describe('a signal to an app with a handler means what it means without us', () => {
  const T: Signals = ['SIGTERM'];
  const TT: Signals = ['SIGTERM', 'SIGTERM'];
  const handlers: [does: string, action: string, signals: Signals][] = [
    ['closes', 'heard(); server.close()', T],
    ['does nothing', 'heard()', TT],
    ['does nothing', 'heard()', ['SIGTERM', 'SIGINT']],
    ['takes itself away', 'process.off(signal, handle); heard()', TT],
    ['takes all away', 'process.removeAllListeners(signal); heard()', TT],
    ['takes itself away later', 'setTimeout(() => { process.off(signal, handle); heard(); }, 20)', TT],
    [
      'closes, takes itself away and sends itself the same',
      'server.close(() => { process.off(signal, handle); process.kill(process.pid, signal); heard(); })',
      T,
    ],
    [
      'closes, takes all away and sends itself the same later',
      'server.close(() => setTimeout(() => { process.removeAllListeners(signal); process.kill(process.pid, signal); }, 20))',
      ['SIGINT'],
    ],
    [
      'closes, takes itself away and sends itself the other',
      `server.close(() => { process.off(signal, handle); process.kill(process.pid, 'SIGINT'); heard(); })`,
      T,
    ],
    [
      'takes itself away, sends itself the same at once, and exits',
      'process.off(signal, handle); process.kill(process.pid, signal); process.exit(5)',
      T,
    ],
    [
      'takes itself away, adds another that closes, and sends itself the same',
      `process.off(signal, handle); process.once(signal, () => { console.log('another'); server.close(); }); process.kill(process.pid, signal)`,
      ['SIGINT'],
    ],
  ];
  const ways = [
    ['before', 'on'],
    ['after', 'once'],
    ['after', 'prependOnceListener'],
  ] as const;
  for (const [when, add] of ways) {
    for (const [does, action, signals] of handlers) {
      it(`process.${add}, ${when} it listens: ${does}, at ${signals.join(' and ')}`, async () => {
        const lives = does === 'does nothing' && signals === TT && !/once/i.test(add);
        const handler = `
          const signal = '${signals[0]}';
          const heard = () => console.log('heard');
          const handle = () => { ${action}; };
          process.${add}(signal, handle);
          ${lives ? LIVES : ''}`;
        await assertSameWithoutUs(when === 'before' ? program(handler, '') : program('', handler), signals, {
          lives,
          ...(add !== 'on' && { exporters: ['otlp'] }),
        });
      });
    }
  }
});

describe('a signal that a process sends itself means what it means without us', () => {
  const cases: [what: string, text: string, options?: Options][] = [
    ['as its last act', program('', `server.close(() => process.kill(process.pid, 'SIGTERM'))`)],
    ['by its number', program('', `server.close(() => process.kill(String(process.pid), 2))`)],
    [
      'to its group',
      program('', `server.close(() => process.kill(0, 'SIGTERM'))`),
      { wrapper: ['setsid', '--wait'] },
    ],
    [
      'and exits',
      program('', `setImmediate(() => { process.kill(process.pid, 'SIGTERM'); process.exit(5); })`),
    ],
    ['while it goes on', program('', `setTimeout(() => process.kill(process.pid, 'SIGINT'), 20)`)],
    [
      'after a handler of SIGUSR2, as under nodemon',
      program(
        `process.once('SIGUSR2', () => server.close(() => process.kill(process.pid, 'SIGTERM')))`,
        `process.kill(process.pid, 'SIGUSR2')`,
      ),
    ],
    [
      'in a handler of beforeExit',
      program(`process.once('beforeExit', () => process.kill(process.pid, 'SIGTERM'))`, 'server.close()'),
    ],
    [
      'after a handler came and went',
      program(
        '',
        `process.once('SIGTERM', close).off('SIGTERM', close); server.close(() => process.kill(process.pid, 'SIGTERM')); function close() {}`,
      ),
    ],
    [
      'by the name of none',
      program(
        '',
        `try { process.kill(process.pid, 'SIGNOTHING') } catch (error) { console.log(error.stack); server.close() }`,
      ),
    ],
    ['which only asks whether it is there', program('', `process.kill(process.pid, 0); server.close()`)],
    [
      'by an event alone',
      program(LIVES, `process.emit('SIGTERM'); process.emit('SIGINT', 'SIGINT')`),
      { lives: true },
    ],
  ];
  for (const [what, text, options] of cases) {
    it(what, () => assertSameWithoutUs(text, [], options));
  }
});

describe('the first signal is pushed at', () => {
  const cases: [what: string, before: string][] = [
    [
      'after a handler came and went',
      `process.on('SIGTERM', close); setTimeout(() => process.off('SIGTERM', close)); function close() {}`,
    ],
    ['after all handlers were taken away', `process.removeAllListeners('SIGTERM')`],
    [
      'after all handlers were taken away and one was added',
      `process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => setTimeout(() => process.exit(), 500))`,
    ],
    ['sent by the process to itself', `setTimeout(() => process.kill(process.pid, 'SIGTERM'), 200)`],
  ];
  for (const [what, text] of cases) {
    it(what, async () => {
      const own = await startOtlpReceiver();
      const signals: Signals = what.startsWith('sent') ? [] : ['SIGTERM'];
      const app = launch(program('', `${text}; setTimeout(() => console.log('quiet'), 50)`), 'otlp', own, []);
      await app.line('stdout', /^quiet$/);
      await outcomeOf(app, signals, false);
      assert.equal(own.requests.length, 1);
      await own.close();
    });
  }
});

describe('a signal while only the last push keeps the process', () => {
  it('does not change the exit code that it would have had', async () => {
    const own = await startOtlpReceiver();
    own.answer = { kind: 'hang' };
    const app = launch(program('', `process.exitCode = 7; server.close()`), 'otlp', own, []);
    await own.received(1);
    app.child.kill('SIGTERM');
    assert.deepEqual(await app.ended, { code: 7, signal: null });
    await own.close();
  });

  it('is the first one where another came first', async () => {
    const own = await startOtlpReceiver();
    own.answer = { kind: 'hang' };
    const app = launch(program('', ''), 'otlp', own, []);
    await app.line('stderr', /measuring/);
    app.child.kill('SIGTERM');
    await own.received(1);
    app.child.kill('SIGINT');
    assert.deepEqual(await app.ended, { code: null, signal: 'SIGTERM' });
    await own.close();
  });
});
