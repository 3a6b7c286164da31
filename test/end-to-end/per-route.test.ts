import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess } from '../app-process.ts';

const LISTEN =
  ".listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port + '/'); });";
const HTTP = "import http from 'node:http';\n";
const hello = `${HTTP}http.createServer((req, res) => { res.statusCode = Number(req.headers.status ?? 200); res.end('ok'); })${LISTEN}`;

type Case = readonly [what: string, program: string, env?: Record<string, string>];

const known: readonly Case[] = [
  ['an Express app', `import express from 'express';\nexpress()${LISTEN}`],
  [
    'an Express 4 app inside a function',
    `${HTTP}import express from 'express4';\nconst app = express();\nhttp.createServer((req, res) => app(req, res))${LISTEN}`,
  ],
  [
    'a router',
    `${HTTP}import { createRequire } from 'node:module';\nconst Router = createRequire(import.meta.url)('router');\nhttp.createServer(Router())${LISTEN}`,
  ],
  [
    'a Fastify instance',
    "import Fastify from 'fastify';\nconsole.log(await Fastify().listen({ port: 0, host: '127.0.0.1' }));",
  ],
  [
    'start() in an Express app',
    `import 'express';\nimport { start } from 'routemeter/start';\nstart();\nsetInterval(() => {}, 1e6);`,
  ],
];

const unknown: readonly Case[] = [
  ['a server by hand and ROUTEMETER_IGNORE', hello, { ROUTEMETER_IGNORE: '/healthz' }],
  [
    'a function with a stack, and one that throws when it is looked at',
    `${HTTP}const app = Object.assign((req, res) => res.end(), { stack: [], handle() {} });
    const hostile = new Proxy(() => {}, { get() { throw new Error('hostile'); } });
    http.createServer(app).on('request', hostile)${LISTEN}`,
  ],
  [
    'start() without a framework',
    `import { start } from 'routemeter/start';\nstart();\nsetInterval(() => {}, 1e6);`,
  ],
];

describe('the line at start says "per route"', () => {
  for (const [what, program, env = {}] of known) {
    it(`with ${what}`, async () => {
      const app = new AppProcess(program, { env });
      await app.line('stderr', /^routemeter: measuring .*HTTP requests per route /);
    });
  }

  for (const [what, program, env = {}] of unknown) {
    it(`not with ${what}`, async () => {
      const app = new AppProcess(program, { env });
      await app.line('stderr', /^routemeter: measuring .*HTTP requests (once|of) /);
      assert.equal(app.stderr.filter((line) => line.includes('per route')).length, 0);
    });
  }
});

const NOTICE = /requests had no route/;

async function ask(app: AppProcess, path: string, times: number, status = 200): Promise<void> {
  const headers = { status: String(status) };
  for (let i = 0; i < times; i++) await app.get(path, { headers });
}

it('many requests without a route are reported once, with what to do', async () => {
  const app = new AppProcess(hello, { env: { ROUTEMETER_ROUTES: '/users/:id' } });
  await app.line('stderr', /HTTP requests per route /);
  for (const status of [401, 404]) await ask(app, '/', 20, status);
  await ask(app, '/users/1', 3);
  await ask(app, '/', 999);
  assert.doesNotMatch(app.stderr.join(), NOTICE);
  await ask(app, '/', 5);
  await app.line('stderr', NOTICE);
  await app.end('SIGTERM');
  assert.deepEqual(
    app.stderr.filter((line) => NOTICE.test(line)),
    [
      'routemeter: 1000 requests had no route and 3 had one: if the app does its own routing, list the patterns, as in ROUTEMETER_ROUTES=/users/:id,/files/*, or name them by route() of routemeter (see docs/frameworks.md)',
    ],
  );
});
