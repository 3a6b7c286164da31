/** The declarations, as an app's compiler reads them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
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

interface Program {
  readonly what: string;
  /** Its name; `.mts` for an ES module, `.cts` for CommonJS. */
  readonly name: string;
  readonly text: string;
  /** The message of its only error; without it, there is none. */
  readonly error?: RegExp;
}

const CALLS = `
count('user.signup');
const rows: Promise<number> = time('db.query', async () => 1);
{ using _ = time('block'); }
metered((value: number) => value)(1);
tag('anything', 'as long as nothing is declared');
route('/users/[id]');
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

const IMPORT = `import { count, metered, route, tag, time } from 'routemeter';`;
const MODULES: readonly Program[] = [
  { what: 'as an ES module', name: 'esm.mts', text: IMPORT + CALLS },
  { what: 'as CommonJS', name: 'cjs.cts', text: IMPORT + CALLS },
  {
    what: 'that starts it by code',
    name: 'start.mts',
    text: `import { start, stop, type Options } from 'routemeter/start';
      const options: Options = { strict: true, tags: { plan: ['free'] } };
      start(options);
      const stopped: Promise<void> = stop();`,
  },
];
const BUNDLED: readonly Program[] = [{ what: 'for a bundler', name: 'bundled.ts', text: IMPORT + CALLS }];
const WITH_TAGS: readonly Program[] = [
  { what: 'with declared tags', name: 'tags.mts', text: TAGGED },
  ...(
    [
      ['another key', `tag('color', 'red');`, /TS2345: .*'"color"'/],
      ['another value', `tag('plan', 'gold');`, /TS2345: .*'"gold"'/],
      ['the value of another key', `tag('plan', 'eu');`, /TS2345: .*'"eu"'/],
    ] as const
  ).map(([what, call, error], i) => ({
    what: `with declared tags, except where it sets ${what}`,
    name: `wrong${i}.mts`,
    text: `import { tag } from 'routemeter';\n${call}`,
    error,
  })),
];

/** The compiler's errors in the modules of one app, with only the strict settings. */
function compile(programs: readonly Program[], module: 'NodeNext' | 'ESNext'): string[] {
  for (const { name, text } of programs) writeFileSync(join(folder, name), text);
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
  const { stdout } = spawnSync(
    process.execPath,
    [join(ROOT, 'node_modules/typescript/bin/tsc'), ...flags, ...programs.map(({ name }) => name)],
    { cwd: folder, encoding: 'utf8' },
  );
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the declarations compile in an app', () => {
  for (const [module, programs] of [
    ['NodeNext', MODULES],
    ['ESNext', BUNDLED],
    // A declaration applies to all modules of an app.
    ['NodeNext', WITH_TAGS],
  ] as const) {
    const errors = compile(programs, module);
    for (const { what, name, error } of programs) {
      it(what, () => {
        const said = errors.filter((line) => line.startsWith(`${name}(`));
        assert.equal(said.length, error === undefined ? 0 : 1, said.join('\n'));
        if (error !== undefined) assert.match(said[0] ?? '', error);
      });
    }
    const wrong = programs.filter(({ error }) => error !== undefined);
    it(`${programs.length} modules without another error`, () => assert.equal(errors.length, wrong.length));
  }
});
