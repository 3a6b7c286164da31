import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isReady, programOf, RUNTIMES, type RuntimeName } from '../../scripts/runtimes/pins.ts';
import { unsupported } from '../../src/guest/supported.ts';

const REGISTER = fileURLToPath(new URL('../../dist/register.js', import.meta.url));
const START = fileURLToPath(new URL('../../dist/start.js', import.meta.url));
const APPS = fileURLToPath(new URL('../apps', import.meta.url));

/** In .ci/run, a missing one fails. */
const missing = (name: RuntimeName): string | false =>
  isReady(name) || process.env.CI === 'true' ? false : `${name} is not there: npm run runtimes`;

describe('the supported runtimes', () => {
  const cases: [what: string, versions: Record<string, string>, reason: string | undefined][] = [
    ['Node.js 22.15', { node: '22.15.0' }, undefined],
    ['a newer Node.js', { node: '30.0.0' }, undefined],
    [
      'not Node.js 22.14',
      { node: '22.14.9' },
      'Node.js 22.14.9 is too old, 22.15 or newer is needed; nothing is measured',
    ],
    [
      'not Bun',
      { node: '24.3.0', bun: '1.4.5' },
      'Bun 1.4.5 is not supported, only Node.js 22.15 or newer is; nothing is measured',
    ],
    [
      'not Deno',
      { node: '24.3.0', deno: '2.9.6' },
      'Deno 2.9.6 is not supported, only Node.js 22.15 or newer is; nothing is measured',
    ],
  ];
  for (const [what, versions, reason] of cases) {
    it(what, () => assert.equal(unsupported(versions as NodeJS.ProcessVersions), reason));
  }
});

const LINES: Readonly<Record<RuntimeName, RegExp>> = {
  bun: /^routemeter: Bun \S+ is not supported, only Node\.js 22\.15 or newer is; nothing is measured\n$/,
  deno: /^routemeter: Deno \S+ is not supported, only Node\.js 22\.15 or newer is; nothing is measured\n$/,
};

const PRELOADED = `
  import http from 'node:http';
  const server = http.createServer((q, r) => r.end('answered')).listen(0, '127.0.0.1', async () => {
    console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text());
    process.exit(3);
  });`;
const STARTED = `
  import { start, stop } from ${JSON.stringify(START)};
  start({ exporters: ['console'] });
  await stop();
  start();
  console.log('answered');
  process.exit(3);`;

for (const name of Object.keys(RUNTIMES) as RuntimeName[]) {
  describe(`under ${name} one line reports that nothing is measured, and the app runs as without it`, () => {
    const cases: [how: string, flags: string[], program: string][] = [
      ['the preload', [`--preload=${REGISTER}`], PRELOADED],
      ['start()', [], STARTED],
    ];
    for (const [how, flags, program] of cases) {
      it(`by ${how}`, { skip: missing(name) }, () => {
        const { status, stdout, stderr } = spawnSync(
          programOf(name),
          name === 'bun' ? [...flags, '-'] : ['run', '-A', '--quiet', ...flags, '-'],
          { cwd: APPS, input: program, encoding: 'utf8', timeout: 60_000 },
        );
        assert.deepEqual([status, stdout], [3, 'answered\n'], stderr);
        assert.match(stderr, LINES[name]);
      });
    }
  });
}
