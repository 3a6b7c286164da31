import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppProcess, requestCounts } from '../app-process.ts';
import { freePort } from '../ports.ts';

const PRELOAD = fileURLToPath(new URL('../../dist/register.js', import.meta.url));

const APPS = fileURLToPath(new URL('../apps', import.meta.url));

const SERVER = `
  require('node:http').createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1', function () {
    console.log('http://127.0.0.1:' + this.address().port);
  });`;

const root = realpathSync(mkdtempSync(join(tmpdir(), 'routemeter-')));
after(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(join(root, target), join(root, path));
}

/** Starts a script below the root, in a folder below it; by -r, since Node takes --import to no thread of a text. */
function start(script: string, cwd: string, env: Record<string, string> = {}): AppProcess {
  return new AppProcess(relative(APPS, join(root, script)), {
    flags: ['-r', PRELOAD],
    cwd: join(root, cwd),
    env,
  });
}

async function serviceOf(app: AppProcess): Promise<string | undefined> {
  const [, service] = await app.line('stderr', / of (\S+): /);
  await app.end();
  return service;
}

describe('a program in node_modules measures for the app that uses it', () => {
  write({
    'a/package.json': '{ "name": "a" }',
    'b/package.json': '{ "name": "b" }',
    'b/src/x.txt': '',
    'a/node_modules/serve/package.json': '{ "name": "serve" }',
    'a/node_modules/serve/main.js': SERVER,
    'b/node_modules/.pnpm/serve@1/node_modules/serve/package.json': '{ "name": "serve" }',
    'b/node_modules/.pnpm/serve@1/node_modules/serve/main.js': SERVER,
    'global/lib/node_modules/serve/package.json': '{ "name": "serve" }',
    'global/lib/node_modules/serve/main.js': SERVER,
    'linked/package.json': '{ "name": "linked" }',
    'linked/main.js': SERVER,
    'mono/package.json': '{ "name": "mono" }',
    'mono/apps/cart/package.json': '{ "name": "cart" }',
    'mono/apps/cart/main.js': SERVER,
    'site/index.html': '',
  });
  link('a/node_modules/.bin/serve', 'a/node_modules/serve/main.js');
  link('b/node_modules/serve', 'b/node_modules/.pnpm/serve@1/node_modules/serve');
  link('a/node_modules/.bin/linked', 'linked/main.js');
  link('mono/node_modules/.bin/cart', 'mono/apps/cart/main.js');
  const cases: [what: string, script: string, cwd: string, service: string][] = [
    ['by its path', 'a/node_modules/serve/main.js', 'a', 'a'],
    ['by node_modules/.bin', 'a/node_modules/.bin/serve', 'a', 'a'],
    ['in the layout of pnpm', 'b/node_modules/serve/main.js', 'b', 'b'],
    ['from a folder within the app', 'b/node_modules/serve/main.js', 'b/src', 'b'],
    ['installed globally', 'global/lib/node_modules/serve/main.js', 'b', 'b'],
    ['in a folder without package.json', 'global/lib/node_modules/serve/main.js', 'site', 'site'],
    ['by npm link', 'a/node_modules/.bin/linked', 'a', 'a'],
  ];
  for (const [what, script, cwd, service] of cases) {
    it(what, async () => assert.equal(await serviceOf(start(script, cwd)), service));
  }
  it('but a package of a workspace is a service of its own', async () =>
    assert.equal(await serviceOf(start('mono/node_modules/.bin/cart', 'mono')), 'cart'));

  it('so that two apps with one port are not added up', async () => {
    const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
    const first = start('a/node_modules/serve/main.js', 'a', env);
    await first.get('/');
    await first.endpoint();
    const second = start('global/lib/node_modules/serve/main.js', 'b', env);
    await second.line('stderr', /it belongs to the service a, process \d+/);
    await second.get('/');
    assert.deepEqual(requestCounts(await first.scrape()), { 'GET - 200': 1 });
    await Promise.all([first.end(), second.end()]);
  });
});

describe('a worker thread is of the service of its process', () => {
  write({
    'shop/package.json': '{ "name": "shop" }',
    'shop/node_modules/pool/package.json': '{ "name": "pool" }',
    'shop/node_modules/pool/worker.js': SERVER,
    'other/package.json': '{ "name": "other" }',
    'other/worker.js': SERVER,
  });
  const esm = SERVER.replace(`require('node:http')`, `(await import('node:http'))`);
  const threads: [what: string, make: string][] = [
    [
      'in node_modules',
      `new Worker(${JSON.stringify(join(root, 'shop/node_modules/pool/worker.js'))}, { env })`,
    ],
    ['in another package', `new Worker(${JSON.stringify(join(root, 'other/worker.js'))}, { env })`],
    [
      'of a data: URL',
      `new Worker(new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(esm)}`)}), { env })`,
    ],
    ['of a text', `new Worker(${JSON.stringify(SERVER)}, { eval: true, env })`],
    [
      'of a text, with an environment of its own',
      `new Worker(${JSON.stringify(SERVER)}, { eval: true, env: { OTEL_EXPORTER_PROMETHEUS_PORT: env.OTEL_EXPORTER_PROMETHEUS_PORT } })`,
    ],
    [
      'of a thread',
      `new Worker(${JSON.stringify(`const { Worker } = require('node:worker_threads'); new Worker(${JSON.stringify(join(root, 'other/worker.js'))});`)}, { eval: true, env })`,
    ],
  ];
  const mains: [named: string, service: string, before: string, env: Record<string, string>][] = [
    ['by its package', 'shop', '', {}],
    ['by a variable', 'named', '', { OTEL_SERVICE_NAME: 'named' }],
    ['by an attribute', 'named', '', { OTEL_RESOURCE_ATTRIBUTES: 'service.name=named' }],
    [
      'from code',
      'coded',
      `require(${JSON.stringify(fileURLToPath(new URL('../../dist/start.js', import.meta.url)))}).start({ serviceName: 'coded' });`,
      { OTEL_SERVICE_NAME: 'named' },
    ],
  ];
  for (const [named, service, before, names] of mains) {
    for (const [what, make] of threads) {
      if (named !== 'by its package' && !/environment/.test(what)) continue;
      it(`${what}, where the process is named ${named}`, async () => {
        const script = `shop/${named}-${what}.js`.replaceAll(/[^\w./-]/g, '-');
        write({
          [script]: `${before}\nconst { env } = process;\nconst { Worker } = require('node:worker_threads');\n${make};${SERVER}`,
        });
        const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()), ...names };
        const app = start(script, 'other', env);
        const lines = await app.lines('stderr', / of (\S+): |belongs to/, 2);
        assert.deepEqual(
          lines.map(([, name]) => name),
          [service, service],
          app.stderr.join('\n'),
        );
        const urls = await app.lines('stdout', /http:\S+/, 2);
        for (const [url] of urls) await (await fetch(url, { headers: { connection: 'close' } })).text();
        const endpoint = app.stderr.join('\n').match(/http:\S+\/metrics/)?.[0];
        assert.deepEqual(requestCounts(await (await fetch(String(endpoint))).text()), { 'GET - 200': 2 });
        await app.end();
      });
    }
  }
});
