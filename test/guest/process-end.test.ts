/** How a process ends with our watch over it: as it would without, after a flush. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { AppProcess, appPath } from '../app-process.ts';
import { table } from '../docs/pages.ts';

type Signals = readonly NodeJS.Signals[];

const WATCH = ['--import', pathToFileURL(appPath('watched-end.mjs')).href];
/** Milliseconds of a flush: one that takes a while, and one that is over at once. */
const FLUSHES = [20, 0] as const;
/** A flush that is never over while the test runs. */
const ENDLESS = 600_000;

/** A server that prints `ready` when it listens and has nothing else to do. */
const program = (beforeListen: string, afterListen: string): string => `
  import net from 'node:net';
  import { createRequire } from 'node:module';
  const require = createRequire(process.cwd() + '/x.js');
  const server = net.createServer();
  ${beforeListen};
  server.listen(0, '127.0.0.1', () => setImmediate(() => {
    ${afterListen};
    console.log('ready');
  }));`;

const launch = (text: string, flush: number | undefined, wrapper: readonly string[] = []): AppProcess =>
  new AppProcess(text, { wrapper, flags: flush === undefined ? [] : WATCH, env: { FLUSH: String(flush) } });

const flushes = (app: AppProcess): number => app.stderr.filter((line) => line === 'flushed').length;

interface Options {
  /** Sent each as soon as the one before has been heard. */
  readonly signals?: Signals;
  /** It is to survive the signals. */
  readonly lives?: boolean;
  readonly wrapper?: readonly string[];
  /** Whether a flush that takes a while is over at the end; by default not asked. */
  readonly flushed?: boolean;
  readonly during?: readonly (typeof FLUSHES)[number][];
}

async function outcomeOf(app: AppProcess, { signals = [], lives = false }: Options) {
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

async function assertSameWithoutUs(text: string, { during = FLUSHES, ...options }: Options) {
  const apps = [undefined, ...during].map((flush) => launch(text, flush, options.wrapper));
  const [without, ...outcomes] = await Promise.all(apps.map((app) => outcomeOf(app, options)));
  assert.ok(without);
  for (const [n, outcome] of outcomes.entries())
    assert.deepEqual(outcome, without, `a flush of ${during[n]} ms`);
  const [, slow] = apps;
  if (slow && options.flushed !== undefined) assert.equal(flushes(slow) > 0, options.flushed);
  return without;
}

const T: Signals = ['SIGTERM'];
const TT: Signals = ['SIGTERM', 'SIGTERM'];
const ALIVE = `process.on('message', () => console.log('alive'))`;

describe('a signal to an app with a handler has the same effect as without routemeter', () => {
  const handlers: [does: string, action: string, signals?: Signals][] = [
    ['closes', 'heard(); server.close()'],
    ['does nothing', 'heard()', TT],
    ['does nothing', 'heard()', ['SIGTERM', 'SIGINT']],
    ['takes itself away', 'process.off(signal, handle); heard()', TT],
    ['takes all away', 'process.removeAllListeners(signal); heard()', TT],
    ['takes itself away later', 'setTimeout(() => { process.off(signal, handle); heard(); }, 20)', TT],
    [
      'closes, takes itself away and sends itself the same',
      'server.close(() => { process.off(signal, handle); process.kill(process.pid, signal); heard(); })',
    ],
    [
      'closes, takes all away and sends itself the same later',
      'server.close(() => setTimeout(() => { process.removeAllListeners(signal); process.kill(process.pid, signal); }, 20))',
    ],
    [
      'closes, takes itself away and sends itself the other',
      `server.close(() => { process.off(signal, handle); process.kill(process.pid, 'SIGINT'); heard(); })`,
    ],
    [
      'takes itself away, sends itself the same at once, and exits',
      'process.off(signal, handle); process.kill(process.pid, signal); process.exit(5)',
    ],
    [
      'takes itself away, adds another that closes, and sends itself the same',
      `process.off(signal, handle); process.once(signal, () => { console.log('another'); server.close(); }); process.kill(process.pid, signal)`,
      ['SIGINT'],
    ],
  ];
  for (const [when, add] of [
    ['before', 'on'],
    ['after', 'once'],
    ['after', 'prependOnceListener'],
  ] as const) {
    for (const [does, action, signals = T] of handlers) {
      it(`process.${add}, ${when} it listens: ${does}, at ${signals.join(' and ')}`, async () => {
        const lives = does === 'does nothing' && signals === TT && !/once/i.test(add);
        const handler = `
          const signal = '${signals[0]}';
          const heard = () => console.log('heard');
          const handle = () => { ${action}; };
          process.${add}(signal, handle);
          ${lives ? ALIVE : ''}`;
        const text = when === 'before' ? program(handler, '') : program('', handler);
        await assertSameWithoutUs(text, { signals, lives, ...(add !== 'on' && { during: [20] }) });
      });
    }
  }
});

describe('docs/process-life.md shows what SIGTERM does to an app, which is the same without routemeter', () => {
  const SHUT = `process.on('SIGTERM', () => server.close())`;
  const ONCE = `process.once('SIGTERM', () => server.close())`;
  const SLOWLY = `process.once('SIGTERM', () => setTimeout(() => server.close(), 100))`;
  const LATER = `process.on('SIGTERM', () => setTimeout(() => process.exit(3), 300))`;
  const exit3 = `require('signal-exit3')((code, signal) => console.log('hook', code, signal))`;
  const exit4 = `require('signal-exit4').onExit((code, signal) => console.log('hook', code, signal))`;
  const apps: Readonly<Record<string, readonly [before: string, after: string]>> = {
    'no handler': ['', ''],
    'a handler added before': [SHUT, ''],
    'a handler added after': ['', SHUT],
    'once, before': [ONCE, ''],
    'once, after': ['', ONCE],
    'a slow shutdown by once': ['', SLOWLY],
    'a handler that calls process.exit': ['', `process.on('SIGTERM', () => process.exit(3))`],
    'a handler that calls process.exit later': ['', LATER],
    'signal-exit 3, loaded before': [exit3, ''],
    'signal-exit 3, loaded after': ['', exit3],
    'signal-exit 4, loaded before': [exit4, ''],
    'signal-exit 4, loaded after': ['', exit4],
    'signal-exit 3 and 4 together': [`${exit3}; ${exit4}`, ''],
    'signal-exit 4 beside a handler': [exit4, SHUT],
  };
  const rows = table('docs/process-life.md', '| The app | ends | pushed |');
  it('in a row for each', () =>
    assert.deepEqual(
      rows.map(([app]) => app),
      Object.keys(apps),
    ));
  for (const [app = '', ends, pushed] of rows) {
    it(app, async () => {
      const [before, after] = apps[app] ?? assert.fail('an app that is not tested');
      const { code, signal } = await assertSameWithoutUs(program(before, after), {
        signals: T,
        flushed: pushed === 'yes',
      });
      assert.equal(ends, signal ? `killed by ${signal}` : `code ${code}`);
    });
  }
  it('SIGINT as well', async () => {
    await assertSameWithoutUs(program('', ''), { signals: ['SIGINT'], flushed: true });
  });
});

describe('a signal that a process sends itself has the same effect as without routemeter', () => {
  const kill = (signal: string): string => `process.kill(process.pid, '${signal}')`;
  const cases: [what: string, after: string, before?: string, options?: Options][] = [
    ['as its last act', `server.close(() => ${kill('SIGTERM')})`],
    ['by its number', 'server.close(() => process.kill(String(process.pid), 2))'],
    ['to its group', `server.close(() => process.kill(0, 'SIGTERM'))`, '', { wrapper: ['setsid', '--wait'] }],
    ['and exits', `setImmediate(() => { ${kill('SIGTERM')}; process.exit(5); })`],
    ['while it goes on', `setTimeout(() => ${kill('SIGINT')}, 20)`],
    [
      'after a handler of SIGUSR2, as under nodemon',
      kill('SIGUSR2'),
      `process.once('SIGUSR2', () => server.close(() => ${kill('SIGTERM')}))`,
    ],
    ['in a handler of beforeExit', 'server.close()', `process.once('beforeExit', () => ${kill('SIGTERM')})`],
    [
      'after a handler came and went',
      `process.once('SIGTERM', close).off('SIGTERM', close); server.close(() => ${kill('SIGTERM')}); function close() {}`,
    ],
    [
      'by the name of none',
      `try { ${kill('SIGNOTHING')} } catch (error) { console.log(error.stack); server.close() }`,
    ],
    ['which only asks whether it is there', 'process.kill(process.pid, 0); server.close()'],
    [
      'by an event alone',
      `process.emit('SIGTERM'); process.emit('SIGINT', 'SIGINT')`,
      ALIVE,
      { lives: true },
    ],
  ];
  for (const [what, after, before = '', options = {}] of cases)
    it(what, async () => void (await assertSameWithoutUs(program(before, after), options)));
});

describe('the first signal triggers a flush, once', () => {
  const gone = `process.removeAllListeners('SIGTERM')`;
  const cases: [what: string, before: string][] = [
    [
      'after a handler came and went',
      `process.on('SIGTERM', close); setTimeout(() => process.off('SIGTERM', close)); function close() {}`,
    ],
    ['after all handlers were taken away', gone],
    [
      'after all handlers were taken away and one was added',
      `${gone}; process.on('SIGTERM', () => setTimeout(() => process.exit(), 300))`,
    ],
    ['sent by the process to itself', `setTimeout(() => process.kill(process.pid, 'SIGTERM'), 200)`],
  ];
  for (const [what, text] of cases) {
    it(what, async () => {
      const app = launch(program('', `${text}; setTimeout(() => console.log('quiet'), 50)`), 20);
      await app.line('stdout', /^quiet$/);
      await outcomeOf(app, { signals: what.startsWith('sent') ? [] : T });
      assert.equal(flushes(app), 1);
    });
  }

  it('and each one that a handler survives', async () => {
    const app = launch(
      program('', `let n = 0; process.on('SIGTERM', () => console.log('signal ' + ++n))`),
      0,
    );
    await app.line('stdout', /^ready$/);
    for (let n = 1; n <= 3; n++) {
      app.child.kill('SIGTERM');
      await app.line('stdout', new RegExp(`^signal ${n}$`));
      await app.lines('stderr', /^flushed$/, n);
    }
  });
});

describe('a signal during the flush', () => {
  const begin = async (after: string, first?: NodeJS.Signals): Promise<AppProcess> => {
    const app = launch(program('', after), ENDLESS);
    await app.line('stdout', /^ready$/);
    if (first) app.child.kill(first);
    await app.line('stderr', /^flushing$/);
    return app;
  };

  it('does not change the exit code that the process would have had', async () => {
    const app = await begin('process.exitCode = 7; server.close()');
    assert.deepEqual(await app.end('SIGTERM'), { code: 7, signal: null });
  });

  it('ends the process at once, by the first signal if another came first', async () => {
    const app = await begin('', 'SIGTERM');
    assert.deepEqual(await app.end('SIGINT'), { code: null, signal: 'SIGTERM' });
  });

  it('ends a process at once whose event loop is busy', async () => {
    // Then no listener and no timer runs: only the system itself can end the process.
    const app = await begin(`process.on('message', () => { console.log('busy'); for (;;); })`, 'SIGINT');
    app.child.send('be busy');
    await app.line('stdout', /^busy$/);
    assert.deepEqual(await app.end('SIGINT'), { code: null, signal: 'SIGINT' });
  });
});

const unshare = spawnSync('unshare', ['--pid', '--fork', '--kill-child', 'true']);
it('process 1 survives a signal as without routemeter', {
  skip: unshare.status === 0 ? false : 'needs the right to make PID namespaces',
}, async () => {
  // A namespace's first process, signalled from inside it, as an orchestrator's exec does.
  const wrapper = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const app = new AppProcess('pid1.mjs', { wrapper, flags: WATCH, env: { FLUSH: '20' } });
  assert.equal((await app.ended).code, 0);
  assert.deepEqual(app.stdout, ['1', 'alive after SIGTERM', 'alive after SIGTERM']);
  assert.equal(flushes(app), 2);
});
