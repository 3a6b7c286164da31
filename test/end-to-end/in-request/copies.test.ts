/** The API and the preload find each other, however and in whatever order they are loaded. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppProcess, requestCounts, samples } from '../../app-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'routemeter-copies-'));
after(() => rmSync(folder, { recursive: true }));

/** Another copy of the package, with the same dependencies. */
const copy = join(folder, 'routemeter');
mkdirSync(copy);
cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true });
cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

const REQUIRE = `import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/app.js');
`;
/** A server that runs this in each request. */
const serve = (handle: string): string => `
const { createServer } = await import('node:http');
const server = createServer(async (req, res) => { ${handle}; res.end('ok'); });
server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
`;
const run = (program: string, flags?: readonly string[]): AppProcess =>
  new AppProcess(program, { env: { ROUTEMETER_ROUTES: '/users/:id' }, ...(flags && { flags }) });

const IN_REQUEST = 'http_route="/users/:id"';

const cases: [what: string, program: string, flags: readonly string[] | undefined, counts: object][] = [
  [
    'an ES module and CommonJS in one process',
    `${REQUIRE}import * as esm from 'routemeter';
    const cjs = require('routemeter');
    esm.count('seen'); cjs.count('seen');
    ${serve(`esm.count('seen'); cjs.count('seen')`)}`,
    undefined,
    { '': 2, [IN_REQUEST]: 4 },
  ],
  [
    'CommonJS alone, by -r',
    `${REQUIRE}const { count } = require('routemeter');
    ${serve(`count('seen')`)}`,
    ['-r', 'routemeter/register'],
    { [IN_REQUEST]: 2 },
  ],
  [
    'a preload from another copy of the package',
    `import { count } from 'routemeter';
    count('seen');
    ${serve(`count('seen')`)}`,
    ['--import', join(copy, 'dist/register.js')],
    { '': 1, [IN_REQUEST]: 2 },
  ],
  [
    'two copies of the API',
    `import { count } from 'routemeter';
    const copy = await import(${JSON.stringify(join(copy, 'dist/index.js'))});
    ${serve(`count('seen'); copy.count('seen')`)}`,
    undefined,
    { [IN_REQUEST]: 4 },
  ],
  [
    'the API imported within the first request: from the second one on',
    `${serve(`const { count } = await import('routemeter'); count('seen')`)}`,
    undefined,
    { '': 1, [IN_REQUEST]: 1 },
  ],
  [
    'the API before start() from code: from start() on',
    `import { count, start } from 'routemeter';
    count('seen');
    start();
    count('seen');
    ${serve(`count('seen')`)}`,
    [],
    { '': 1, [IN_REQUEST]: 2 },
  ],
  [
    'the API after start() from code',
    `import { start } from 'routemeter/start';
    start();
    const { count } = await import('routemeter');
    ${serve(`count('seen')`)}`,
    [],
    { [IN_REQUEST]: 2 },
  ],
  [
    'start() from code by another copy',
    `import { count } from 'routemeter';
    const copy = await import(${JSON.stringify(join(copy, 'dist/start.js'))});
    copy.start();
    ${serve(`count('seen')`)}`,
    [],
    { [IN_REQUEST]: 2 },
  ],
];

describe('one state', () => {
  for (const [what, program, flags, counts] of cases) {
    it(what, async () => {
      const app = run(program, flags);
      await app.get('/users/1');
      await app.get('/users/2');
      assert.deepEqual(samples(await app.scrape(), 'seen_total'), counts);
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    });
  }

  it('that starts again after stop(), without earlier measurements', async () => {
    const app = run(
      `import { count, metered, start, stop, time } from 'routemeter';
      const work = metered(function work() {});
      const open = time('open');
      start();
      ${serve(`if (req.url === '/again') {
        count('seen'); work();
        const left = time('left');
        await stop();
        count('seen'); work(); left.stop(); open.stop();
        start();
      }
      count('seen'); work()`)}`,
      [],
    );
    await app.endpoint();
    await app.get('/users/1');
    await app.get('/again');
    await app.lines('stderr', /measuring/, 2);
    const [, endpoint = ''] = app.stderr.join(' ').match(/.*(http:\S+\/metrics)/) ?? [];
    await app.get('/users/2');
    const exposition = await (await fetch(endpoint)).text();
    assert.deepEqual(samples(exposition, 'seen_total'), { '': 1, [IN_REQUEST]: 1 });
    assert.deepEqual(samples(exposition, 'work_seconds_count'), { '': 1, [IN_REQUEST]: 1 });
    assert.doesNotMatch(exposition, /^(left|open)_/m);
    // The request that called stop() and start() ended afterwards.
    assert.deepEqual(requestCounts(exposition), { 'GET - 200': 1, 'GET /users/:id 200': 1 });
    assert.equal(app.stderr.length, 2, app.stderr.join('\n'));
  });
});
