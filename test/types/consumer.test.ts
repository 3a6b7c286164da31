/** The declarations as an app's compiler reads them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'routemeter-types-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
symlinkSync(ROOT, join(folder, 'node_modules/routemeter'));
symlinkSync(join(ROOT, 'node_modules/@types/node'), join(folder, 'node_modules/@types/node'));

/** What the compiler says of a module of an app, with nothing but the strict settings. */
function compile(name: string, program: string, module: 'NodeNext' | 'ESNext' = 'NodeNext'): string[] {
  writeFileSync(join(folder, name), program);
  const settings = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    module,
    moduleResolution: module === 'NodeNext' ? module : 'Bundler',
    target: 'ES2022',
    types: ['node'],
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  try {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, name], {
      cwd: folder,
      encoding: 'utf8',
    });
    return [];
  } catch (error) {
    return String((error as { stdout: string }).stdout)
      .split('\n')
      .filter((line) => line !== '');
  }
}

const CALLS = `
count('user.signup');
const rows: Promise<number> = time('db.query', async () => 1);
{ using _ = time('block'); }
metered((value: number) => value)(1);
tag('anything', 'as long as nothing is declared');
export { rows };
`;
const TAGGED = `
import { tag, type Tags } from 'routemeter';
declare module 'routemeter' {
  interface Tags { plan: 'free' | 'pro'; region: string }
}
tag('plan', 'pro');
tag('region', 'eu');
const plan: Tags['plan'] = 'free';
tag('plan', plan);
`;

describe('the declarations compile in an app', () => {
  const import_ = `import { count, metered, tag, time } from 'routemeter';`;
  const cases: [what: string, name: string, program: string, module?: 'ESNext'][] = [
    ['as an ES module', 'esm.mts', import_ + CALLS],
    ['as CommonJS', 'cjs.cts', import_ + CALLS],
    ['for a bundler', 'bundled.ts', import_ + CALLS, 'ESNext'],
    ['with declared tags', 'tags.mts', TAGGED],
    [
      'that starts it by code',
      'start.mts',
      `import { start, stop, type Options } from 'routemeter/start';
      const options: Options = { strict: true, tags: { plan: ['free'] } };
      start(options);
      const stopped: Promise<void> = stop();`,
    ],
  ];
  for (const [what, name, program, module] of cases) {
    it(what, () => assert.deepEqual(compile(name, program, module), []));
  }
});

describe('with declared tags it does not compile', () => {
  const cases: [what: string, call: string, error: RegExp][] = [
    ['to set another key', `tag('color', 'red');`, /TS2345: .*'"color"'/],
    ['to set another value', `tag('plan', 'gold');`, /TS2345: .*'"gold"'/],
    ['to set the value of another key', `tag('plan', 'eu');`, /TS2345: .*'"eu"'/],
  ];
  for (const [i, [what, call, error]] of cases.entries()) {
    it(what, () => {
      const said = compile(`wrong${i}.mts`, TAGGED + call);
      assert.equal(said.length, 1, said.join('\n'));
      assert.match(said[0] ?? '', error);
    });
  }
});
