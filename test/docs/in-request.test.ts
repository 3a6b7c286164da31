/** Runs what the pages of the in-request API and its example show. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type AppOptions, AppProcess, appPath, REGISTER, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { startStatsdReceiver } from '../receivers/statsd.ts';
import { until } from '../until.ts';
import { BLOCKS, block, ROOT, read, table } from './pages.ts';

const CALLS = 'docs/in-request.md';
const FLASK = 'docs/from-flask.md';

interface Run {
  readonly page: string;
  /** The snippet is marked `runs: <name>`, its result `scraped from: <name>` or `said by: <name>`. */
  readonly name: string;
  readonly requests: readonly string[];
  /** The page shows these too. */
  readonly env?: Readonly<Record<string, string>>;
}

const RUNS: readonly Run[] = [
  { page: CALLS, name: 'signup', requests: ['POST /signup/pro'], env: { ROUTEMETER_TAGS: 'plan=free,pro' } },
  {
    page: 'README.md',
    name: 'in-request',
    requests: ['POST /signup/pro'],
    env: { ROUTEMETER_TAGS: 'plan=free,pro' },
  },
  { page: CALLS, name: 'time', requests: ['GET /cart'] },
  { page: CALLS, name: 'metered', requests: ['POST /checkout/2', 'POST /checkout/0'] },
  { page: CALLS, name: 'route', requests: ['GET /users/42', 'GET /nothing'] },
  { page: CALLS, name: 'ignore', requests: ['GET /', 'GET /?preview'] },
  { page: CALLS, name: 'websocket', requests: ['WS /rooms/7'] },
  {
    page: CALLS,
    name: 'boundaries',
    requests: ['GET /basket'],
    env: { ROUTEMETER_BUCKETS: 'db.query=0.001,0.01,0.1;cart.*=1,2,5' },
  },
  { page: CALLS, name: 'outlives', requests: ['GET /first', 'GET /first'] },
  { page: CALLS, name: 'emitter', requests: ['GET /wait &', 'POST /news'] },
  { page: CALLS, name: 'mistakes', requests: ['GET /mistakes'], env: { ROUTEMETER_TAGS: 'plan=free,pro' } },
  { page: FLASK, name: 'plain', requests: ['GET /users/42'] },
  { page: FLASK, name: 'timing', requests: ['GET /avatar'], env: { ROUTEMETER_CPU: 'true' } },
  { page: FLASK, name: 'kadabra', requests: ['POST /signup/pro'], env: { ROUTEMETER_TAGS: 'plan=free,pro' } },
  { page: FLASK, name: 'decorator', requests: ['GET /report'] },
  { page: FLASK, name: 'labels', requests: ['GET /'], env: { ROUTEMETER_LABELS: 'environment=development' } },
  { page: FLASK, name: 'processes', requests: Array(8).fill('GET /') },
];

const WITH_CLOCK = ['--import', pathToFileURL(appPath('virtual-clock.mjs')).href, '--import', REGISTER];

/** Lines that come before a snippet, unless it has them itself. */
const PRELUDE: readonly [has: string, line: string][] = [
  [`from 'express'`, `import express from 'express';`],
  [`from 'routemeter'`, `import { count, ignore, metered, observe, route, tag, time } from 'routemeter';`],
  [`from 'node:events'`, `import { EventEmitter } from 'node:events';`],
  ['const app', 'const app = express();'],
  ['const bus', 'const bus = new EventEmitter();'],
  [
    'const db',
    `const db = { query: () => new Promise((resolve) => setTimeout(() => {
      if (performance.virtual) performance.virtual.millis += 20;
      resolve(['a']);
    }, 20)) };`,
  ],
  ['function draw', 'const draw = () => {};'],
  ['function insert', 'const insert = () => db.query();'],
];
const LISTEN = `const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`;

function program(page: string, name: string): string {
  const text = block(page, `runs: ${name}`).lines.join('\n');
  const given = PRELUDE.filter(([has]) => !text.includes(has)).map(([, line]) => line);
  const whole = text.includes('app.listen(3000);')
    ? text.replace('app.listen(3000);', LISTEN)
    : text + LISTEN;
  return [...given, whole].join('\n');
}

/** A file beside the installed packages, which a program that forks itself needs. */
function asFile(text: string): string {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'docs-'));
  folders.push(folder);
  writeFileSync(join(folder, 'app.mjs'), text);
  return relative(appPath('.'), join(folder, 'app.mjs'));
}
const CACHE = join(ROOT, '.cache');
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function start({ page, name, requests, env = {} }: Run, options: AppOptions = {}): Promise<AppProcess> {
  const app = new AppProcess(asFile(program(page, name)), { ...options, env: { ...env, ...options.env } });
  const ask = async (request: string): Promise<void> => {
    const [method = '', path = ''] = request.split(' ');
    if (method === 'WS') {
      const socket = new WebSocket(new URL(path, await app.url()));
      await once(socket, 'open');
      for (const text of ['one', 'two']) socket.send(text);
      return;
    }
    await app.get(path, { method, headers: { connection: 'close' } });
  };
  for (const request of requests) {
    const asked = ask(request);
    if (request.endsWith('&')) {
      asked.catch(() => {});
      // So that the next request does not overtake it.
      await app.scrapeUntil((text) =>
        Object.values(samples(text, 'http_server_active_requests')).includes(1),
      );
    } else await asked;
  }
  return app;
}

/** The line without times and ports, which differ in each run; whole numbers stay. */
const shape = (line: string): string =>
  line.replace(/ \d+\.\d+(?:e-\d+)?$/, ' N').replace(/(?<=server_port=")\d+/, 'PORT');

/** The lines of a scrape whose metrics are shown. */
function ofSame(scrape: string, shown: readonly string[]): string[] {
  const name = (line: string): string => line.match(/^(?:# \w+ )?\w+/)?.[0] ?? '';
  const names = new Set(shown.map(name));
  return scrape.split('\n').filter((line) => names.has(name(line)));
}

/** The page shows all that is served of these metrics, except what `...` stands for. */
async function assertServes(app: AppProcess, shown: readonly string[], moving: RegExp = /^$/): Promise<void> {
  const form = (line: string): string => shape(line).replace(moving, ' N');
  const wanted = shown.filter((line) => line !== '...').map(form);
  const some = shown.includes('...');
  await until(async () => {
    const lines = ofSame(await app.scrape(), shown).map(form);
    assert.deepEqual(some ? lines.filter((line) => wanted.includes(line)) : lines, wanted);
    return true;
  });
}

describe('each snippet', () => {
  for (const run of RUNS) {
    it(`of ${run.page}: ${run.name}`, async () => {
      const { page, name, env = {} } = run;
      for (const [variable, value] of Object.entries(env)) {
        assert.ok(
          [`${variable}=${value}`, `${variable}='${value}'`].some((each) => read(page).includes(each)),
          `${page} does not say ${variable}=${value}`,
        );
      }
      const grouped = name === 'processes';
      const [served, said] = ['scraped from', 'said by'].map((what) =>
        BLOCKS.find((each) => each.page === page && each.note === `${what}: ${name}`),
      );
      const app = await start(run, {
        ...(grouped && {
          env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()), OTEL_SERVICE_NAME: 'processes' },
        }),
        // The bucket of a duration must not depend on the machine.
        ...(served?.lines.some((line) => line.includes('_seconds_bucket')) && { flags: WITH_CLOCK }),
      });
      assert.ok(served ?? said, `${page} does not show what comes of ${name}`);
      if (served) await assertServes(app, served.lines, name === 'outlives' ? / \d+$/ : undefined);
      if (said) {
        await app.lines('stderr', /is not|cannot|counts? as|not measured|names no/, said.lines.length);
        const lines = app.stderr.filter((line) => !line.startsWith('routemeter: measuring'));
        assert.deepEqual(lines, said.lines);
      }
      await app.end();
    });
  }

  for (const page of [CALLS, FLASK]) {
    for (const { note, lines } of BLOCKS.filter((each) => each.page === page)) {
      const printed = note?.match(/^prints: (.+)$/)?.[1];
      if (printed === undefined) continue;
      it(`of ${page} that prints`, async () => {
        const alone = new AppProcess(`${lines.join('\n')}\n`, { flags: [] });
        assert.deepEqual(await alone.ended, { code: 0, signal: null });
        assert.deepEqual([alone.stdout, alone.stderr], [[printed], []]);
        const off = new AppProcess(`${lines.join('\n')}\n`, { env: { OTEL_SDK_DISABLED: 'true' } });
        await off.ended;
        assert.deepEqual([off.stdout, off.stderr], [[printed], []]);
      });
    }

    it(`of ${page} is run`, () => {
      const programs = BLOCKS.filter((each) => each.page === page && /^(?:js|ts)$/.test(each.language));
      const known = RUNS.filter((run) => run.page === page).map(({ name }) => `runs: ${name}`);
      assert.deepEqual(
        programs.map(({ note = '' }) => note).filter((note) => !/^(?:prints|compiles): /.test(note)),
        known,
      );
      assert.ok(known.length > 5);
    });
  }

  it(`of ${CALLS} in TypeScript compiles`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'routemeter-docs-'));
    folders.push(folder);
    writeFileSync(join(folder, 'tags.ts'), block(CALLS, 'compiles: tags').lines.join('\n'));
    const compilerOptions = {
      noEmit: true,
      strict: true,
      module: 'NodeNext',
      lib: ['ES2023'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
      types: ['node'],
      paths: { routemeter: [join(ROOT, 'dist/index.d.ts')] },
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['tags.ts'] }));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]);
  });

  it(`of ${FLASK}: the StatsD lines`, async () => {
    const receiver = await startStatsdReceiver();
    const run = RUNS.find(({ page, name }) => page === FLASK && name === 'plain');
    assert.ok(run);
    const app = await start(run, {
      env: {
        OTEL_METRICS_EXPORTER: 'statsd',
        ROUTEMETER_STATSD_URL: receiver.url,
        ROUTEMETER_STATSD_INTERVAL: '100',
        ROUTEMETER_LABELS: 'environment=dev',
      },
    });
    assert.match(read(FLASK), /OTEL_METRICS_EXPORTER=statsd .*ROUTEMETER_LABELS=environment=dev /);
    const line = (each: string): string => each.replace(/(?<=:)[\d.e-]+(?=\|)/, 'N');
    const [shown = ''] = block(FLASK, 'sent by: plain').lines.map(line);
    await receiver.until(({ lines }) =>
      lines.some((each) => each.startsWith('http_server_request_duration')),
    );
    await app.end();
    await receiver.stop();
    assert.ok(receiver.lines.map(line).includes(shown), receiver.lines.join('\n'));
  });
});

describe('when it is recorded', () => {
  /** The series of each row of the page's table. Every request is tagged with `plan`, and with another value when over. */
  const expected: Readonly<Record<string, readonly [name: string, labels: string]>> = {
    'in a request': ['in_request', 'http_route="/users/:id",plan="free"'],
    'in a request that is over: a timer, a late answer': ['late', 'http_route="/users/:id",plan="free"'],
    'in a request that no route matched, or that is ignored by its route': ['no_route', 'plan="free"'],
    'in a request that is ignored by its path': ['by_path', ''],
    'in a stream: an event stream, a WebSocket': ['in_stream', 'http_route="/feed",plan="free"'],
    'outside of any request: a job, the start of the app': ['start', ''],
  };

  it('matches the table', async () => {
    const app = new AppProcess(
      `import http from 'node:http';
       import net from 'node:net';
       import { once } from 'node:events';
       import express from 'express';
       import { count, route, tag } from 'routemeter';
       const answer = (name) => (_req, res) => { tag('plan', 'free'); count(name); res.end(); };
       const app = express();
       app.get('/users/:id', (_req, res, next) => {
         res.on('close', () => setImmediate(() => { tag('plan', 'pro'); count('late'); }));
         next();
       }, answer('in.request'));
       app.get('/ignored/:id', answer('no.route'));
       app.get('/path', answer('by.path'));
       app.use(answer('no.route'));
       count('start');
       const server = app.listen(0, '127.0.0.1');
       await once(server, 'listening');
       server.on('upgrade', (_req, socket) => {
         socket.write('HTTP/1.1 101 Switching\\r\\n\\r\\n');
         tag('plan', 'free');
         count('in.stream');
         route('/feed');
       });
       const { port } = server.address();
       for (const path of ['users/1', 'ignored/1', 'path', 'nothing']) await (await fetch('http://127.0.0.1:' + port + '/' + path)).text();
       const socket = net.connect(port, '127.0.0.1');
       for (const headers of ['', 'connection: upgrade\\r\\nupgrade: x\\r\\n']) {
         socket.write('GET /users/2 HTTP/1.1\\r\\nhost: x\\r\\n' + headers + '\\r\\n');
         await once(socket, 'data');
       }
       console.log('ready');`,
      { env: { ROUTEMETER_TAGS: 'plan=free,pro', ROUTEMETER_IGNORE: '/path,/ignored/:id' } },
    );
    await app.line('stdout', /ready/);
    const rows = table(CALLS, '| The code runs | Recorded | With |');
    assert.deepEqual(
      rows.map(([where]) => where),
      Object.keys(expected),
    );
    const scrape = await app.scrape();
    for (const [where = ''] of rows) {
      const [name, labels] = expected[where] ?? assert.fail(where);
      const count = ['in_request', 'late', 'no_route'].includes(name) ? 2 : 1;
      assert.deepEqual(samples(scrape, `${name}_total`), { [labels]: count }, where);
    }
    await app.end();
  });
});

describe('examples/signups', () => {
  const text = read('examples/signups/README.md');
  const [environment = ''] = text.match(/(?<=^ {4})(?:[A-Z_]+=\S+ )+(?=\\$)/m) ?? [];
  const env = Object.fromEntries(
    environment.match(/\S+/g)?.map((each) => each.split('=', 1).concat(each.replace(/.*?=/, ''))) ?? [],
  );
  const requests = [...text.matchAll(/^ {4}curl localhost:3000(\S+)(?:.* -d '(.+)')?$/gm)];
  const scrapes = [
    ...text.matchAll(/^ {4}curl -s localhost:9464\/metrics \| grep -E '(.+)'\n\n```text\n([^`]+)```/gm),
  ];

  it('serves what its README shows', async () => {
    assert.deepEqual([Object.keys(env).length, requests.length, scrapes.length], [4, 4, 1]);
    const shop = new AppProcess('../../examples/signups/app.js', { env: { ...env, PORT: '0' } });
    for (const [, path = '', body] of requests) {
      const json = { method: 'POST', headers: { 'content-type': 'application/json' }, body: body ?? '' };
      await shop.get(path, body === undefined ? {} : json);
    }
    for (const [, pattern = '', shown = ''] of scrapes) {
      const wanted = shown.trimEnd().split('\n').map(shape);
      await until(async () => {
        const served = (await shop.scrape()).split('\n').filter((line) => new RegExp(pattern).test(line));
        assert.deepEqual(served.map(shape), wanted);
        return true;
      });
    }
    await shop.end();
  });
});
