/** Apps bundled with the package's API, which finds the preload outside of the bundle. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { AppProcess, samples } from '../app-process.ts';

const APPS = fileURLToPath(new URL('../apps', import.meta.url));
const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'routemeter-bundles-'));
after(() => rmSync(folder, { recursive: true }));

const APP = `
import { createServer } from 'node:http';
import { count, metered, observe, tag, time } from 'routemeter';
const later = (millis) => new Promise((resolve) => setTimeout(resolve, millis));
const answer = metered(async function answer(res) { await later(1); count('answered'); res.end('ok'); }, 'answer');
count('started');
const server = createServer((req, res) => {
  tag('plan', 'pro');
  observe('reply.size', 2, { unit: 'By' });
  time('work', () => answer(res));
});
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
`;
const ENV = { ROUTEMETER_ROUTES: '/users/:id', ROUTEMETER_TAGS: 'plan=free,pro' };
const SERIES = 'http_route="/users/:id",plan="pro"';

/** @returns a file that holds all that the app imports, in a folder without packages */
async function bundle(name: string, contents: string, options: BuildOptions): Promise<string> {
  const outfile = join(folder, name);
  await build({
    stdin: { contents, resolveDir: APPS, sourcefile: 'app.js' },
    outfile,
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
    ...options,
  });
  return outfile;
}

const bundles: [what: string, name: string, options: BuildOptions][] = [
  ['an ES module', 'app.mjs', { format: 'esm' }],
  ['CommonJS', 'app.cjs', { format: 'cjs' }],
  ['an ES module, minified', 'app.min.mjs', { format: 'esm', minify: true }],
  ['CommonJS, minified', 'app.min.cjs', { format: 'cjs', minify: true }],
];

for (const [what, name, options] of bundles) {
  describe(`an app bundled as ${what}`, async () => {
    const file = await bundle(name, APP, options);
    const run = (flags: readonly string[]): AppProcess =>
      new AppProcess(`await import(process.argv[1]);\n`, { flags, args: [file], cwd: folder, env: ENV });

    it('counts under a preload outside of it', async () => {
      const app = run(['--import', REGISTER]);
      await app.get('/users/1');
      await app.get('/users/2');
      const exposition = await app.scrape();
      for (const metric of [
        'answered_total',
        'answer_seconds_count',
        'work_seconds_count',
        'reply_size_bytes_count',
      ]) {
        assert.deepEqual(samples(exposition, metric), { [SERIES]: 2 }, metric);
      }
      assert.deepEqual(samples(exposition, 'started_total'), { '': 1 });
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    });

    it('answers without a preload, and logs nothing', async () => {
      const app = run([]);
      assert.deepEqual(await app.get('/users/1'), { status: 200, body: 'ok' });
      assert.deepEqual(app.stderr, []);
    });

    it('throws from `start`, which a bundle does not contain', async () => {
      const starting = await bundle(
        `start-${name}`,
        `import { start } from 'routemeter'; try { start() } catch (error) { console.log(error.message) }`,
        options,
      );
      const app = new AppProcess(`await import(process.argv[1]);\n`, {
        flags: [],
        args: [starting],
        cwd: folder,
      });
      assert.deepEqual(await app.ended, { code: 0, signal: null });
      assert.deepEqual(app.stdout, [
        'the bundle does not contain all of routemeter: mark the package as external',
      ]);
    });
  });
}
