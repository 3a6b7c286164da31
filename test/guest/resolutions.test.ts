import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url);
const ours = (file: string): string => JSON.stringify(new URL(`unbundled/guest/${file}.js`, ROOT).href);

/** Those that .ci/run installs, where none may be missing, and the one that runs this. */
const NODES = ['22.15.0', '24', 'latest']
  .map((version) => fileURLToPath(new URL(`.cache/node/${version}/node_modules/node/bin/node`, ROOT)))
  .filter((program) => process.env.CI === 'true' || existsSync(program))
  .concat(process.execPath);

const home = mkdtempSync(join(tmpdir(), 'routemeter-resolutions-'));
after(() => rmSync(home, { recursive: true }));

function write(file: string, text: string): string {
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Waits for a package, and says when the hook into resolving is installed and when it sees the package. */
const PRELOAD = write(
  'preload.mjs',
  `
import module from 'node:module';
import { createGuard } from ${ours('guard')};
import { createLoadedModules } from ${ours('loaded-modules')};
import { createLog } from ${ours('log')};
const { registerHooks } = module;
module.registerHooks = (hooks) => { console.log('hears'); return registerHooks(hooks); };
const log = createLog('info', (line) => process.stderr.write(line));
const modules = createLoadedModules(createGuard(log), log);
globalThis.look = modules.look;
modules.onPackage('framework', process.env.WHEN ?? 'loaded', () => console.log('framework'));
`,
);

for (const folder of ['.', 'pnpm/node_modules/.pnpm/framework@1.0.0']) {
  write(`${folder}/node_modules/framework/package.json`, JSON.stringify({ name: 'framework' }));
  write(`${folder}/node_modules/framework/index.js`, '');
}
mkdirSync(join(home, 'pnpm/node_modules/.pnpm/node_modules'));
symlinkSync(
  '../framework@1.0.0/node_modules/framework',
  join(home, 'pnpm/node_modules/.pnpm/node_modules/framework'),
);
write('part.mjs', `import 'framework'; console.log('part')`);

interface Case {
  /** Its file, and its text. */
  readonly program: readonly [file: string, text: string];
  readonly out: readonly string[];
  readonly when?: 'loaded' | 'resolved';
  readonly cwd?: string;
}

const cases: Readonly<Record<string, Case>> = {
  'CommonJS goes without a hook': {
    program: ['app.cjs', `require('framework'); console.log('app')`],
    out: ['app'],
  },
  'what CommonJS has loaded is seen at the first look, from which on there is a hook': {
    program: ['app.js', `require('framework'); console.log('app'); look(); look()`],
    out: ['app', 'hears', 'framework'],
  },
  'what CommonJS loads after the first look is seen when it is resolved': {
    program: ['app.js', `look(); require('framework'); console.log('app')`],
    out: ['hears', 'framework', 'app'],
  },
  'an ES module that imports another one has a hook before that': {
    program: ['app.mjs', `import './part.mjs'`],
    out: ['hears', 'framework', 'part'],
  },
  'an ES module without an extension of its own has a hook too': {
    program: ['app.js', `'use strict';/* */import{}from'./part.mjs'`],
    out: ['hears', 'framework', 'part'],
  },
  'an ES module that exports what is in another one has a hook before that': {
    program: ['app.mjs', `const a = 1; export\n* from './part.mjs'`],
    out: ['hears', 'framework', 'part'],
  },
  'an ES module has a hook before its first import()': {
    program: ['app.mjs', `console.log('app'); await import('./part.mjs')`],
    out: ['app', 'hears', 'framework', 'part'],
  },
  'CommonJS has a hook before its first import()': {
    program: ['app.cjs', `console.log('app'); import('./part.mjs')`],
    out: ['app', 'hears', 'framework', 'part'],
  },
  'modules of Node.js need no hook': {
    program: ['app.cjs', `import('node:fs').then(() => console.log('there'))`],
    out: ['there'],
  },
  'words of CommonJS are no imports': {
    program: [
      'app.cjs',
      `// import what is needed\nconst __importDefault = (m) => m; exports.a = __importDefault;\n  /* export { a }\n * export * */ console.log('app')`,
    ],
    out: ['app'],
  },
  'a large ES module has a hook, whatever it imports': {
    program: ['app.mjs', `console.log('app')//${'-'.repeat(1 << 18)}`],
    out: ['hears', 'app'],
  },
  'a package that must be seen before it is loaded has a hook at once': {
    program: ['app.cjs', `console.log('app'); require('framework')`],
    when: 'resolved',
    out: ['hears', 'app', 'framework'],
  },
  'so it has in a folder around the program': {
    program: ['src/lib/app.cjs', `console.log('app'); require('framework')`],
    when: 'resolved',
    cwd: tmpdir(),
    out: ['hears', 'app', 'framework'],
  },
  'so it has where pnpm keeps what others need': {
    program: ['pnpm/app.cjs', `console.log('app')`],
    when: 'resolved',
    out: ['hears', 'app'],
  },
};

for (const node of NODES) {
  const name = node === process.execPath ? 'this Node.js' : node.slice(fileURLToPath(ROOT).length);
  for (const flag of ['-r', '--import']) {
    describe(`what is resolved by ${name} ${flag}`, () => {
      let programs = 0;
      for (const [what, { program, out, when, cwd = home }] of Object.entries(cases)) {
        it(what, async () => {
          const [file, text] = program;
          const path = write(`${file.replace(/(?=app\.)/, `${flag}-${++programs}-`)}`, text);
          const { stdout, stderr } = await promisify(execFile)(node, [flag, PRELOAD, path], {
            cwd,
            env: { ...process.env, ...(when && { WHEN: when }) },
            timeout: 60_000,
          });
          assert.deepEqual(
            [
              stdout.split('\n').filter((line) => line !== ''),
              stderr.replaceAll(/\(node:.*\n|\(Use .*\n/g, ''),
            ],
            [out, ''],
          );
        });
      }
    });
  }
}
