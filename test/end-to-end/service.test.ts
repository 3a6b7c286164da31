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
    'b/node_modules/.pnpm/serve@1/node_modules/serve/package.json': '{ "name": "serve" }',
    'b/node_modules/.pnpm/serve@1/node_modules/serve/main.js': SERVER,
    'linked/package.json': '{ "name": "linked" }',
    'linked/main.js': SERVER,
    'mono/package.json': '{ "name": "mono" }',
    'mono/apps/cart/package.json': '{ "name": "cart" }',
    'mono/apps/cart/main.js': SERVER,
  });
  link('b/node_modules/serve', 'b/node_modules/.pnpm/serve@1/node_modules/serve');
  link('a/node_modules/.bin/linked', 'linked/main.js');
  link('mono/node_modules/.bin/cart', 'mono/apps/cart/main.js');

  it('by npm link', async () => assert.equal(await serviceOf(start('a/node_modules/.bin/linked', 'a')), 'a'));

  it('but a package of a workspace is its own service', async () =>
    assert.equal(await serviceOf(start('mono/node_modules/.bin/cart', 'mono')), 'cart'));

  it('so that two apps with one port are not added up', async () => {
    const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
    const first = start('b/node_modules/serve/main.js', 'a', env);
    await first.get('/');
    await first.endpoint();
    const second = start('b/node_modules/serve/main.js', 'b', env);
    await second.line('stderr', /it belongs to the service a, process \d+/);
    await second.get('/');
    assert.deepEqual(requestCounts(await first.scrape()), { 'GET - 200': 1 });
    await Promise.all([first.end(), second.end()]);
  });
});

describe('a worker thread belongs to the service of its process', () => {
  write({
    'shop/package.json': '{ "name": "shop" }',
    'shop/node_modules/pool/package.json': '{ "name": "pool" }',
    'shop/node_modules/pool/worker.js': SERVER,
    'other/package.json': '{ "name": "other" }',
    'other/worker.js': SERVER,
  });
  const text = JSON.stringify;
  const esm = SERVER.replace(`require('node:http')`, `(await import('node:http'))`);
  const other = text(join(root, 'other/worker.js'));
  const nested = `const { Worker } = require('node:worker_threads'); new Worker(${other});`;
  const ownEnvironment = `new Worker(${text(SERVER)}, { eval: true, env: { OTEL_EXPORTER_PROMETHEUS_PORT: env.OTEL_EXPORTER_PROMETHEUS_PORT } });`;
  /** In node_modules, in another package, of a data: URL, of a text, of a thread, and with an environment of its own. */
  const everyKind = `
    new Worker(${text(join(root, 'shop/node_modules/pool/worker.js'))}, { env });
    new Worker(${other}, { env });
    new Worker(new URL(${text(`data:text/javascript,${encodeURIComponent(esm)}`)}), { env });
    new Worker(${text(SERVER)}, { eval: true, env });
    new Worker(${text(nested)}, { eval: true, env });
    ${ownEnvironment}`;
  const fromCode = `require(${text(fileURLToPath(new URL('../../dist/start.js', import.meta.url)))}).start({ serviceName: 'coded' });`;
  const cases: [
    named: string,
    service: string,
    threads: number,
    program: string,
    env: Record<string, string>,
  ][] = [
    ['by its package', 'shop', 6, everyKind, {}],
    ['by a variable', 'named', 1, ownEnvironment, { OTEL_SERVICE_NAME: 'named' }],
    ['by an attribute', 'named', 1, ownEnvironment, { OTEL_RESOURCE_ATTRIBUTES: 'service.name=named' }],
    ['from code', 'coded', 1, `${fromCode}${ownEnvironment}`, { OTEL_SERVICE_NAME: 'named' }],
  ];
  for (const [named, service, threads, program, names] of cases) {
    it(`where the process is named ${named}`, async () => {
      const script = `shop/${named.replaceAll(' ', '-')}.js`;
      write({
        [script]: `const { env } = process;\nconst { Worker } = require('node:worker_threads');\n${program}${SERVER}`,
      });
      const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()), ...names };
      const app = start(script, 'other', env);
      const lines = await app.lines('stderr', / of (\S+): |belongs to/, threads + 1);
      for (const [line, name] of lines) assert.equal(name, service, line);
      const urls = await app.lines('stdout', /http:\S+/, threads + 1);
      for (const [url] of urls) await (await fetch(url, { headers: { connection: 'close' } })).text();
      assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': threads + 1 });
      await app.end();
    });
  }
});
