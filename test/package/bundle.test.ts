/** What is in `dist`, as it is packed. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { AppProcess, REGISTER } from '../app-process.ts';
import { freePort } from '../ports.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');
const text = (file: string): string => readFileSync(join(DIST, file), 'utf8');
const files = globSync('*.js', { cwd: DIST });

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}
const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
const { dependencies } = manifestIn('.');

/** `name@version` of every package of which a file contains something, by its source map. */
const contained = new Set(
  globSync('*.js.map', { cwd: DIST })
    .flatMap((file) => (JSON.parse(text(file)) as { sources: string[] }).sources)
    .map((source) => /^\.\.\/(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1])
    .filter((folder) => folder !== undefined)
    .map(manifestIn)
    .map(({ name, version }) => `${name}@${version}`),
);

describe('the bundle', () => {
  it('imports nothing but itself, Node.js and dependencies', () => {
    const others = files.flatMap((file) =>
      [...text(file).matchAll(/^(?:import|export) [^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm)]
        .map(([, from, imported]) => from ?? imported ?? '')
        .filter((name) => !isBuiltin(name) && !files.includes(name.replace('./', '')))
        .filter((name) => dependencies[name] === undefined)
        .map((name) => `${file} imports ${name}`),
    );
    assert.deepEqual(others, []);
  });

  it('imports nothing of Node.js in what it loads, which would fix what imports of the app see', () => {
    const importing = files.filter(
      (file) =>
        file.startsWith('routemeter-') && /^import [^;]*"node:|^import [^;]*"[a-z/_]+";/m.test(text(file)),
    );
    assert.deepEqual(importing, []);
  });

  it('depends on exact versions, since what is bundled was built with them', () => {
    const ranges = Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version));
    assert.deepEqual(ranges, []);
  });

  it('is named in its bill of materials and its notices, package by package', () => {
    assert.ok(
      contained.has(
        `@opentelemetry/sdk-metrics@${manifestIn('node_modules/@opentelemetry/sdk-metrics').version}`,
      ),
    );
    const { components } = JSON.parse(text('sbom.cdx.json')) as {
      components: { purl: string; properties: { value: string }[] }[];
    };
    const bundled = components
      .filter(({ properties }) => properties[0]?.value === 'true')
      .map(({ purl }) => decodeURIComponent(purl.replace('pkg:npm/', '')));
    assert.deepEqual(
      [...contained].filter((name) => !bundled.includes(name)),
      [],
    );
    const notices = text('THIRD-PARTY-NOTICES.txt').replaceAll(/^(\S+) (\d+\.\d+\.\d+) /gm, '$1@$2 ');
    assert.deepEqual(
      [...contained].filter((name) => !notices.includes(`${name} (`)),
      [],
    );
  });
});

/** Prints, when asked to, which files of ours have been loaded since the last time. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  let files = [];
  registerHooks({ load(url, context, next) { if (url.includes('/dist/')) files.push(url.slice(url.lastIndexOf('/') + 1)); return next(url, context); } });
  globalThis.loaded = (phase) => { console.log(phase + ': ' + files.splice(0).join(' ')); };
`)}`;

/** What a server needs to be measured, a turn of the event loop each. */
const MEASURING = ['resource', 'aggregations', 'sdk', 'requests', 'http', 'app', 'prometheus', 'pipeline']
  .map((name) => `routemeter-${name}.js `)
  .join('');

describe('the files that are loaded are few, and none before it is needed', () => {
  const rows: [what: string, port: () => Promise<number>, measuring: string][] = [
    ['alone', async () => 0, ''],
    [
      'on a port that the processes of a service share',
      freePort,
      'routemeter-members.js routemeter-group.js ',
    ],
  ];
  for (const [what, port, measuring] of rows) {
    it(what, async () => {
      const app = new AppProcess(
        `import { createServer } from 'node:http';
        loaded('a script');
        const server = createServer((_request, response) => response.end('ok'));
        server.listen(0, '127.0.0.1', () => loaded('listening'));
        process.on('message', loaded);`,
        {
          flags: ['--import', WATCH, '--import', REGISTER],
          env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(await port()) },
        },
      );
      const next = async (phase: string): Promise<string | undefined> =>
        (await app.line('stdout', new RegExp(`^${phase}: (.*)$`)))[1];
      assert.equal(await next('a script'), 'register.js routemeter-session.js');
      assert.equal(await next('listening'), 'routemeter-config.js');
      await app.scrape();
      app.child.send('a scrape');
      assert.equal(
        await next('a scrape'),
        `${MEASURING}${measuring}routemeter-runtime.js routemeter-exposition.js`,
      );
    });
  }
});

describe('a stack trace through the bundle', () => {
  const program = `import { metered } from 'routemeter';
    const work = metered(function work() { throw new Error('of the app'); }, 'work');
    try { work(); } catch (error) { console.log(JSON.stringify(error.stack)); }`;
  const rows: [what: string, flags: readonly string[], frame: RegExp][] = [
    [
      'names the functions of the source',
      [],
      /at TimedSection\.run \(\S*\/dist\/routemeter-[\w-]+\.js:\d+:\d+\)/,
    ],
    ['has its lines with --enable-source-maps', ['--enable-source-maps'], /\/src\/api\/metered\.ts:\d+:\d+/],
  ];
  for (const [what, flags, frame] of rows) {
    it(what, async () => {
      const app = new AppProcess(program, { flags: [...flags, '--import', REGISTER] });
      const [stack] = await app.line('stdout', /^"Error: of the app.*/);
      assert.match(stack, frame);
    });
  }
});
