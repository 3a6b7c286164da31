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

const home = mkdtempSync(join(tmpdir(), 'routemeter-loaded-modules-'));
after(() => rmSync(home, { recursive: true }));

function write(file: string, text: string): string {
  const path = join(home, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

interface Parts {
  readonly name?: string;
  readonly version?: string;
  /** Before the class, in both kinds of module. */
  readonly first?: string;
  readonly method?: string;
}

/** A made-up framework, which counts how often it is executed. */
function framework(
  folder: string,
  { name = 'framework', version = '1.2.3', first = '', method = 'name' }: Parts = {},
): void {
  const at = `${folder}/node_modules/${name}`;
  const body = `globalThis.executed++; ${first}; class App { ${method}() { return 'app'; } }`;
  write(
    `${at}/package.json`,
    JSON.stringify({
      name,
      version,
      exports: { import: './lib/app.mjs', require: './lib/app.cjs' },
    }),
  );
  write(`${at}/lib/part.mjs`, 'export default 1;');
  write(`${at}/lib/app.mjs`, `import './part.mjs'; ${body} export { App };`);
  write(`${at}/lib/app.cjs`, `${body} exports.App = App;`);
}

/** Patches the method, so that a call shows how often. */
const PRELOAD = write(
  'preload.mjs',
  `
import { createGuard } from ${ours('guard')};
import { createLoadedModules } from ${ours('loaded-modules')};
import { createLog } from ${ours('log')};
const log = createLog('info', (line) => process.stderr.write(line));
const modules = createLoadedModules(createGuard(log), log);
globalThis.look = modules.look;
const patch = {
  package: 'framework',
  files: ['lib/app.cjs', 'lib/app.mjs'],
  versions: '1',
  apply({ App }) {
    const name = App?.prototype.name;
    if (name === undefined) return false;
    App.prototype.name = function () { return name.call(this) + ', patched'; };
    return true;
  },
};
modules.patch(patch);
modules.patch({ ...patch, package: 'early', early: true });
`,
);

const PRELUDE = `
const require = (await import('node:module')).createRequire(import.meta.url);
globalThis.executed ??= 0;
const turn = () => new Promise(setImmediate);
const says = ({ App }) => console.log(new App().name());
`;

framework('.');
framework('.', { name: 'early' });
framework('nested');
framework('old', { version: '0.9.0', method: 'title' });
framework('old/nested', { version: '0.9.0', method: 'title' });
framework('.pnpm/framework@1.2.3');
framework('looks', { first: 'globalThis.look()' });
framework('throws', { first: `throw new Error('of the framework')` });
framework('waits');
write(
  'waits/node_modules/framework/lib/part.mjs',
  'await new Promise(setImmediate); await new Promise(setImmediate);',
);
mkdirSync(join(home, 'pnpm/node_modules'), { recursive: true });
symlinkSync(
  join(home, '.pnpm/framework@1.2.3/node_modules/framework'),
  join(home, 'pnpm/node_modules/framework'),
);
const COPIES = 80;
for (let i = 0; i < COPIES; i++) framework(`copies/${i}`);

const ONCE = 'app, patched';

/** @param folder where the app is */
const cases: readonly (readonly [what: string, program: string, said: readonly string[], folder?: string])[] =
  [
    [
      'an ES module is patched at the first look after it was loaded',
      `const framework = await import('framework'); says(framework); look(); await turn(); says(framework)`,
      ['app', ONCE],
    ],
    [
      'CommonJS is patched at the first look after it was loaded',
      `const framework = require('framework'); says(framework); look(); says(framework)`,
      ['app', ONCE],
    ],
    [
      'CommonJS that is imported is patched',
      `const framework = await import('./node_modules/framework/lib/app.cjs'); look(); says(framework)`,
      [ONCE],
    ],
    [
      'an ES module that is required is patched',
      `const framework = require('./node_modules/framework/lib/app.mjs'); look(); says(framework)`,
      [ONCE],
    ],
    [
      'one that is required and imported is patched once',
      `const file = './node_modules/framework/lib/app.mjs';
      const framework = require(file); look(); await import(file); look(); await turn(); look(); says(framework)`,
      [ONCE],
    ],
    [
      'what is loaded after the first look is patched at the next',
      `look(); const framework = await import('framework'); look(); await turn(); says(framework)`,
      [ONCE],
    ],
    [
      'nothing is patched twice, however often it is loaded and looked for',
      `for (let i = 0; i < 3; i++) { await import('framework'); require('framework'); look(); await turn(); }
      says(await import('framework')); says(require('framework')); console.log(executed)`,
      [ONCE, ONCE, '2'],
    ],
    [
      'nothing is executed that is only resolved',
      `import.meta.resolve('framework'); require.resolve('framework'); look(); await turn(); console.log(executed)`,
      ['0'],
    ],
    [
      'what was resolved at first is patched when it has been loaded',
      `import.meta.resolve('framework'); require.resolve('framework'); require.resolve('./node_modules/framework/lib/app.mjs');
      look(); await import('framework'); require('framework'); look(); await turn();
      says(await import('framework')); says(require('framework'))`,
      [ONCE, ONCE],
    ],
    [
      'what must be patched early is patched before the app gets it',
      `says(await import('early')); says(require('early')); console.log(executed)`,
      [ONCE, ONCE, '2'],
    ],
    [
      'what must be patched early is patched a turn later where a loader translates what is required, which is left alone',
      `const { '.js': load } = require.extensions;
      require.extensions['.js'] = (module, file) => {
        if (!file.endsWith('.mjs')) return load(module, file);
        console.log('translated');
        class App { name() { return 'copy'; } }
        module.exports = { App };
      };
      const early = await import('early'); await turn(); says(early); console.log(executed)`,
      [ONCE, '1'],
    ],
    [
      'copies of a package are patched each',
      `const there = [await import('framework'), await import('./nested/node_modules/framework/lib/app.mjs')];
      look(); await turn(); there.forEach(says)`,
      [ONCE, ONCE],
    ],
    [
      'a package behind a symbolic link is patched',
      `const there = [await import('framework'), require('framework')]; look(); await turn(); there.forEach(says)`,
      [ONCE, ONCE],
      'pnpm',
    ],
    [
      'an ES module with a query, which is a copy, is patched',
      `const url = import.meta.resolve('framework');
      const there = [await import(url), await import(url + '?a'), await import(url + '#b')];
      look(); await turn(); there.forEach(says); console.log(executed)`,
      [ONCE, ONCE, ONCE, '3'],
    ],
    [
      'CommonJS that was thrown out of the cache and loaded again is patched',
      `require('framework'); look(); delete require.cache[require.resolve('framework')];
      const framework = require('framework'); look(); says(framework)`,
      [ONCE],
    ],
    [
      'CommonJS that is still being loaded is patched at the next look',
      `const framework = require('framework'); says(framework); look(); says(framework)`,
      ['app', ONCE],
      'looks',
    ],
    [
      'an ES module that is being loaded is executed once and patched, at whatever moment it is looked for',
      `const names = new Set();
      for (let i = 0; i < ${COPIES}; i++) {
        const loading = import('./copies/' + i + '/node_modules/framework/lib/app.mjs');
        for (let turns = 0; turns < i; turns++) await null;
        look();
        const { App } = await loading;
        look();
        await turn();
        names.add(new App().name());
      }
      console.log([...names].join(), executed)`,
      [`${ONCE} ${COPIES}`],
    ],
    [
      'an ES module that waits at its top level is patched when it is there',
      `const loading = import('framework'); await turn(); look(); const framework = await loading; look(); await turn(); says(framework)`,
      [ONCE],
      'waits',
    ],
    [
      'an ES module that has waited at its top level is patched',
      `const framework = await import('framework'); look(); await turn(); says(framework)`,
      [ONCE],
      'waits',
    ],
    [
      'a package that throws gives its own error to the app only',
      `for (const load of [() => import('framework'), () => require('framework')]) {
        const loading = (async () => load())();
        look();
        await loading.catch(({ message }) => console.log(message));
        look();
        await turn();
      }`,
      ['of the framework', 'of the framework'],
      'throws',
    ],
  ];

interface Said {
  readonly out: readonly string[];
  readonly errors: readonly string[];
}

let programs = 0;

/** Its output; fails if the program does. */
async function run(node: string, text: string, folder = '.', flags = ['--import', PRELOAD]): Promise<Said> {
  const program = write(`${folder}/app-${++programs}.mjs`, text);
  const { stdout, stderr } = await promisify(execFile)(node, [...flags, program], { timeout: 60_000 });
  const lines = (output: string): string[] => output.split('\n').filter((line) => line !== '');
  return { out: lines(stdout), errors: lines(stderr) };
}

for (const node of NODES) {
  describe(`modules loaded by ${node === process.execPath ? 'this Node.js' : node.slice(fileURLToPath(ROOT).length)}`, () => {
    for (const [what, program, out, folder] of cases) {
      it(what, async () => assert.deepEqual(await run(node, PRELUDE + program, folder), { out, errors: [] }));
    }

    it('CommonJS that was loaded before the first patch is patched', async () => {
      const program = `const framework = require('framework'); await import(${JSON.stringify(PRELOAD)}); look(); says(framework)`;
      assert.deepEqual(await run(node, PRELUDE + program, '.', []), { out: [ONCE], errors: [] });
    });

    it('another shape than expected is logged once by version, and left alone', async () => {
      const program = `
        const there = [await import('framework'), await import('./nested/node_modules/framework/lib/app.mjs'), require('framework')];
        look(); look(); await turn();
        for (const { App } of there) console.log(new App().title())`;
      const { out, errors } = await run(node, PRELUDE + program, 'old');
      assert.deepEqual(out, ['app', 'app', 'app']);
      assert.deepEqual(errors, [
        'routemeter: framework 0.9.0 is unknown, known are 1: its requests are measured without a route; name it with route() of routemeter, or list the patterns in ROUTEMETER_ROUTES',
      ]);
    });

    it('errors of resolving are those that the app gets without a hook', async () => {
      const program = `
        for (const name of ['missing', 'framework/lib/app.mjs', './missing.mjs', '@missing/package']) {
          for (const load of [() => import(name), () => require(name), () => import.meta.resolve(name), () => require.resolve(name)]) {
            const { code, message, requireStack } = await (async () => load())().then(() => ({ message: 'found' }), (error) => error);
            console.log(name, code, message.replaceAll(/app-\\d+/g, 'app'), requireStack?.length);
          }
        }`;
      assert.deepEqual(await run(node, PRELUDE + program), await run(node, PRELUDE + program, '.', []));
    });
  });
}
