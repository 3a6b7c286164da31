/**
 * Takes a framework through the contract of routes as a user has it: the real package, its app as a process of its own,
 * the preload, and a scrape after each case.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { install } from '../../scripts/pinned/install.ts';
import type { HttpEngine } from '../../src/config/types.ts';
import { AppProcess, requestCounts } from '../app-process.ts';
import { CASES, casesOf, type Declared, expectedOf, judge } from '../contracts/routes.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { type Framework, type ModuleKind, merged, type OwnCase, titleOf, type Version } from './framework.ts';
import { CACHE, folderNameOf, folderOf } from './installed.ts';
import { placeOwnPackage } from './own-package.ts';
import { build } from './program.ts';
import { send } from './send.ts';

const PRELOAD = new URL('../../dist/register.js', import.meta.url).href;
const OWN = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const ENGINES: readonly HttpEngine[] = ['lean', 'otel'];

const sourcesOf = (framework: Framework, name: string): string =>
  join(import.meta.dirname, framework.folder, name);

export function describeFramework(framework: Framework, engines = ENGINES): void {
  const newest = framework.versions.at(-1);
  const versions = process.env.CI === 'true' ? ends(framework.versions) : framework.versions;
  for (const version of versions) {
    const declared = merged(framework, version);
    const own = { ...framework.own, ...version.own };
    describe(titleOf(version), () => {
      before(async () => {
        const folder = folderOf(version);
        await install(folder, version.packages);
        const { program } = framework;
        const placed = framework.naming && placeOwnPackage(folder);
        if (program !== undefined) {
          await build(folder, sourcesOf(framework, 'program'), program, version.env, placed);
        }
      });
      for (const [way, start] of waysToStart(framework, version)) {
        for (const engine of engines) {
          describe(`${way}, by the ${engine} engine`, () =>
            takeThrough(declared, own, () => start(engine), framework.naming === undefined));
        }
      }
      if (version === newest && framework.unbundled === undefined) describeBundles(framework, version);
      for (const [file, routes] of Object.entries(version.otherApps ?? {})) {
        for (const kind of framework.modules ?? []) {
          const start = () => startFile(framework, version, file, kind, 'lean');
          describe(`${file} as ${kind}`, () => haveRoutes(routes, start));
        }
      }
    });
  }
}

/** The lowest and the newest. */
function ends(versions: readonly Version[]): readonly Version[] {
  return versions.filter((_, index) => index === 0 || index === versions.length - 1);
}

/** The newest version, bundled by esbuild. */
function describeBundles(framework: Framework, version: Version): void {
  for (const kind of framework.modules ?? []) {
    for (const minify of [false, true]) {
      const title = `bundled as ${kind}${minify ? ', minified' : ''}`;
      const start = (external?: readonly string[]): AppProcess =>
        startBundle(framework, version, kind, minify, external);
      if (framework.found !== 'module') {
        describe(title, () => takeThrough(merged(framework, version), {}, start, false));
      } else {
        it(`${title}, it has no routes, and one warning names what must be left out`, () =>
          warns(framework, version, start));
        if (framework.namesInBundle) {
          describe(`${title}, with calls of route`, () =>
            haveRoutes(namedIn(framework), () =>
              startBundle(framework, version, kind, minify, undefined, 'bundled.mjs'),
            ));
        }
      }
    }
  }
}

/** What the requests to `bundled.mjs` get. */
function namedIn({ patterns = {} }: Framework): Readonly<Record<string, string>> {
  return {
    'GET /users/42': `200 ${patterns['/users/:id'] ?? '/users/:id'}`,
    'GET /throws/1': `500 ${patterns['/throws/:id'] ?? '/throws/:id'}`,
    'GET /nothing': '404',
  };
}

async function warns(
  framework: Framework,
  version: Version,
  start: (external?: readonly string[]) => AppProcess,
): Promise<void> {
  const bundled = start();
  const ask = asking(bundled);
  for (let request = 0; request < 10; request++) {
    assert.deepEqual(await ask(['GET /health']), [{ status: 200, route: undefined }]);
  }
  const names = await until(
    () =>
      bundled.stderr.join('\n').match(/^routemeter: no request has had a route, and (.+) seems? to/m)?.[1],
  );
  const lines = bundled.stderr.filter((line) => line.startsWith('routemeter: '));
  assert.equal(lines.length, 2, lines.join('\n'));
  await bundled.end();

  const remedied = start(names.split(' and '));
  const what = 'a parameter';
  judge(what, await asking(remedied)(CASES[what].ask), merged(framework, version));
  await remedied.end();
}

type Start = (engine: HttpEngine) => AppProcess | Promise<AppProcess>;

/** Each with its title. */
function waysToStart(framework: Framework, version: Version): (readonly [way: string, start: Start])[] {
  const { modules = [], program } = framework;
  return [
    ...modules.map(
      (kind) =>
        [
          `as ${kind}`,
          (engine: HttpEngine) => startFile(framework, version, 'app.mjs', kind, engine),
        ] as const,
    ),
    ...Object.entries(program?.starts ?? {}).map(
      ([title, command]) => [title, (engine: HttpEngine) => startProgram(version, command, engine)] as const,
    ),
  ];
}

function startFile(
  framework: Framework,
  version: Version,
  file: string,
  kind: ModuleKind,
  engine: HttpEngine,
): AppProcess {
  const app = translate(framework, version, file, kind);
  return startApp(app, version, engine);
}

/** Writes the app as that kind of module to where its packages are. */
function translate(framework: Framework, version: Version, file: string, kind: ModuleKind): string {
  const app = join(folderOf(version), file.replace(/mjs$/, extensionOf(kind)));
  buildSync({
    entryPoints: [sourcesOf(framework, file)],
    outfile: app,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: kind,
  });
  return app;
}

const extensionOf = (kind: ModuleKind): string => (kind === 'esm' ? 'mjs' : 'cjs');

function startApp(app: string, version: Version, engine: HttpEngine): AppProcess {
  return new AppProcess(app, {
    flags: ['--import', PRELOAD],
    cwd: folderOf(version),
    env: { ...version.env, ROUTEMETER_HTTP_ENGINE: engine },
  });
}

/**
 * The app and all its packages in one file, elsewhere.
 *
 * @param external what is left out; the file is then where that is installed
 */
function startBundle(
  framework: Framework,
  version: Version,
  kind: ModuleKind,
  minify: boolean,
  external: readonly string[] = [],
  file = 'app.mjs',
): AppProcess {
  const folder = external.length === 0 ? join(CACHE, 'bundles', folderNameOf(version)) : folderOf(version);
  const app = join(folder, `${file}.bundle${minify ? '.min' : ''}.${extensionOf(kind)}`);
  buildSync({
    entryPoints: [translate(framework, version, file, kind)],
    alias: { routemeter: OWN },
    outfile: app,
    bundle: true,
    minify,
    platform: 'node',
    format: kind,
    logLevel: 'error',
    external: [...(framework.external ?? []), ...external],
    ...(kind === 'esm' && { banner: { js: COMMONJS } }),
  });
  return startApp(app, version, 'lean');
}

/** An ES module lacks what packages of CommonJS use in the bundle. */
const COMMONJS = `import { createRequire as requireFrom } from 'node:module';
globalThis.require = requireFrom(import.meta.url);
globalThis.__dirname = import.meta.dirname;`;

async function startProgram(
  version: Version,
  [file = '', ...args]: readonly string[],
  engine: HttpEngine,
): Promise<AppProcess> {
  const folder = folderOf(version);
  const host = '127.0.0.1';
  // Not every framework takes 0, or prints the port that it got.
  const PORT = String(await freePort());
  return new AppProcess(join(folder, file), {
    flags: [],
    args,
    cwd: folder,
    env: {
      ...version.env,
      NODE_OPTIONS: `--import=${PRELOAD}`,
      PORT,
      HOST: host,
      HOSTNAME: host,
      ROUTEMETER_HTTP_ENGINE: engine,
    },
  });
}

/** @param isSeen whether it is known at the start that there will be routes */
function takeThrough(
  declared: Declared,
  own: Readonly<Record<string, OwnCase>>,
  start: () => AppProcess | Promise<AppProcess>,
  isSeen: boolean,
): void {
  let app: AppProcess;
  let ask: Ask;
  before(async () => {
    app = await start();
    ask = asking(app);
    await app.url();
  });

  for (const [what, title] of casesOf(declared)) {
    it(title, async () => {
      judge(what, inOrder(await ask(CASES[what].ask), expectedOf(what, declared)), declared);
    });
  }

  for (const [title, { ask: line, headers, status, route }] of Object.entries(own)) {
    it(title, async () => {
      const expected = { status, route: route === 'none' ? undefined : route };
      assert.deepEqual(await ask([line], headers), [expected]);
    });
  }

  it(`logs nothing but the line at the start${isSeen ? ', which reads "per route"' : ''}`, async () => {
    const [line] = await app.line('stderr', /^routemeter: measuring .*/);
    if (isSeen) assert.match(line, /per route/);
    assert.equal(
      app.stderr.filter((line) => line.startsWith('routemeter: ')).length,
      1,
      app.stderr.join('\n'),
    );
  });

  after(() => app.end());
}

function haveRoutes(routes: Readonly<Record<string, string>>, start: () => AppProcess): void {
  it('requests have the route that was declared', async () => {
    const app = start();
    const ask = asking(app);
    const answered: Record<string, string> = {};
    for (const line of Object.keys(routes)) {
      const answers = await ask([line]);
      answered[line] = answers.map(({ status, route = '' }) => `${status} ${route}`.trim()).join();
    }
    await app.end();
    assert.deepEqual(answered, routes);
  });
}

/** Tells what was measured of these requests, made at once. */
type Ask = (lines: readonly string[], headers?: OwnCase['headers']) => Promise<Answers>;

function asking(app: AppProcess): Ask {
  let counts: Counts = {};
  return async (lines, headers) => {
    const url = await app.url();
    const statuses = await Promise.all(lines.map((line) => send(url, line, headers)));
    const before = sum(counts);
    const known = counts;
    await app.scrapeUntil((exposition) => {
      counts = requestCounts(exposition);
      return sum(counts) >= before + lines.length;
    });
    const answers = added(known, counts);
    assert.deepEqual(answers.map(({ status }) => status).sort(), statuses.sort(), 'measured and answered');
    return answers;
  };
}

/** By method, route and status. */
type Counts = Readonly<Record<string, number>>;
type Answers = readonly { readonly status: number | undefined; readonly route: string | undefined }[];

const sum = (counts: Counts): number => Object.values(counts).reduce((total, count) => total + count, 0);

/** The requests that were counted in between. */
function added(earlier: Counts, later: Counts): Answers {
  return Object.entries(later).flatMap(([line, count]) => {
    const [, route = '', status] = line.match(/^\S+ (.*) (\S+)$/) ?? [];
    const answer = { status: Number(status), route: route === '-' ? undefined : unescaped(route) };
    return new Array<typeof answer>(count - (earlier[line] ?? 0)).fill(answer);
  });
}

/** Of a label's value: https://prometheus.io/docs/instrumenting/exposition_formats/#comments-help-text-and-type-information */
const unescaped = (value: string): string =>
  value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));

/** Those that are as expected in the place where they are expected: counts have no order. */
function inOrder(answers: Answers, expected: Answers): Answers {
  const rest = [...answers];
  const ordered = expected.map(({ route }) => {
    const at = rest.findIndex((answer) => answer.route === route);
    return at < 0 ? undefined : rest.splice(at, 1)[0];
  });
  return ordered
    .map((answer) => answer ?? rest.shift())
    .concat(rest)
    .filter((answer) => answer !== undefined);
}
