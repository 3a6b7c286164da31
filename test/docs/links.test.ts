/** Compares the documentation with the sources and the tests. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, it } from 'node:test';
import { VARIABLES } from '../../src/config/table.ts';
import { ATTRIBUTES } from '../../src/instruments/http/attributes.ts';
import { createManualRouter } from '../../src/instruments/routes/manual.ts';
import type { Kind } from '../../src/metric-data/kind.ts';
import { familyName } from '../../src/metric-data/names.ts';
import { boundariesFor } from '../../src/views/views.ts';
import { type Contract, keeps } from '../contracts/engines.ts';
import { CASES, ROUTES } from '../contracts/routes.ts';
import { cases, linesOf } from '../instruments/routes/express/cases.ts';
import { BLOCKS, PAGES, ROOT, read, table } from './pages.ts';

describe('links', () => {
  const anchors = (page: string): string[] =>
    [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
  for (const page of PAGES) {
    it(`of ${page} lead to existing targets`, () => {
      const broken = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(
        ([, path = '', anchor]) => {
          const target = path === '' ? page : join(dirname(page), path);
          return (
            !existsSync(join(ROOT, target)) || (anchor !== undefined && !anchors(target).includes(anchor))
          );
        },
      );
      assert.deepEqual(
        broken.map(([link]) => link),
        [],
      );
    });
  }
});

/** The files of the package, as npm lists them. */
function packedFiles(): string[] {
  const listed: unknown = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8' }),
  );
  const [packed] = Object.values(listed as Record<string, { files: { path: string }[] }>);
  return (packed?.files ?? []).map(({ path }) => path);
}

describe('in the installed package', () => {
  const files = packedFiles();
  const pages = files.filter((file) => file.endsWith('.md'));
  for (const page of pages) {
    it(`links of ${page} lead to packed files`, () => {
      const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, path = '']) =>
        posix.join(posix.dirname(page), path),
      );
      assert.deepEqual(
        targets.filter((target) => !files.some((file) => file === target || file.startsWith(`${target}/`))),
        [],
      );
    });
  }

  it('the pages that a user reads are packed', () =>
    assert.deepEqual(
      PAGES.filter((page) => !pages.includes(page)),
      [],
    ));

  it('the manifest has all fields of its address, or none', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, unknown>;
    const told = ['homepage', 'repository', 'bugs'].filter((key) => key in manifest);
    assert.ok(told.length === 0 || told.length === 3, told.join());
  });
});

describe('names', () => {
  for (const page of PAGES) {
    it(`of variables in ${page} exist`, () => {
      const known = (name: string): boolean =>
        VARIABLES.includes(name) || (name.endsWith('_') && VARIABLES.some((each) => each.startsWith(name)));
      const named = read(page).match(/\b(?:OTEL|ROUTEMETER)_[A-Z_]+/g) ?? [];
      assert.deepEqual(
        named.filter(
          (name) => !known(name) && !['OTEL_', 'ROUTEMETER_', 'ROUTEMETER_STATSD_'].includes(name),
        ),
        [],
      );
    });

    it(`of scripts in ${page} are in package.json`, () => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
      const run = [...read(page).matchAll(/npm run (?:-s |--silent )?(\w+)/g)].map(([, name = '']) => name);
      assert.deepEqual(
        run.filter((name) => !(name in scripts)),
        [],
      );
    });
  }

  it('of every exporter are in the README and in docs/exporters.md', () => {
    const names = [...read('src/exporters/index.ts').matchAll(/^ {2}(\w+): \(\) =>/gm)].map(
      ([, name]) => name,
    );
    assert.ok(names.length >= 3);
    const rows = table('docs/exporters.md', '| Exporter | Sends | When | Its variables |').map(
      ([name]) => name,
    );
    assert.deepEqual(rows.toSorted(), [...names, 'none'].toSorted());
    for (const name of names) {
      assert.match(read('README.md'), new RegExp(`^\\*\\*\`${name}\`\\*\\*`, 'm'));
      assert.match(read('docs/exporters.md'), new RegExp(`^## ${name}$`, 'm'));
    }
  });

  it('of the oldest Node.js and of the preload match package.json', () => {
    const { engines, exports } = JSON.parse(read('package.json')) as {
      engines: { node: string };
      exports: Record<string, { default: string }>;
    };
    assert.equal(engines.node, '>=22.15.0');
    assert.match(read('README.md'), /^- Node\.js 22\.15 or newer\./m);
    const paths = [...read('README.md').matchAll(/--import=\S*\/node_modules\/routemeter\/(\S+?\.js)/g)];
    assert.equal(paths.length, 2);
    for (const [, path] of paths) assert.equal(`./${path}`, exports['./register']?.default);
  });
});

describe('docs/http-metrics.md', () => {
  const page = 'docs/http-metrics.md';

  it('has every attribute, and whether it is there by default', () =>
    assert.deepEqual(
      table(page, '| Attribute | By default | Value |').map(([name, required]) => [name, required === 'yes']),
      ATTRIBUTES.map(({ name, required }) => [name, required]),
    ));

  it('has the boundaries', () => {
    const boundaries = boundariesFor('http.server.request.duration', 's', undefined, []) ?? [];
    assert.ok(read(page).includes(`\n${boundaries.join(', ')}.\n`));
  });

  it('has routes of Express that are tested', () => {
    const contract = Object.values(CASES).flatMap(({ ask, route }) =>
      ask.map((request, i) => [request, [route].flat()[i]] as const),
    );
    const tested = [
      ...Object.values(cases).flatMap(({ expect }) => linesOf(expect)),
      ...contract.map(([request, route = 'none']) => [request, route === 'none' ? undefined : ROUTES[route]]),
    ];
    for (const [, request = '', route] of table(page, '| Declared | Request | `http.route` |')) {
      const expected = route === 'none' ? undefined : route;
      assert.ok(
        tested.some((pair) => pair[0] === request && pair[1] === expected),
        `${request} is ${route}`,
      );
    }
  });

  it('has the manual routes that are found', () => {
    const patterns =
      read(page)
        .match(/`ROUTEMETER_ROUTES=(\/\S+)`/)?.[1]
        ?.split(',') ?? [];
    assert.equal(patterns.length, 3);
    const find = createManualRouter(patterns);
    for (const [request = '', route] of table(page, '| Request | `http.route` |')) {
      assert.equal(find(request) ?? 'none', route, request);
    }
  });

  /** Each contract of the engines, as the page words it. */
  const CONTRACTS: Readonly<Record<Contract, string>> = {
    requests: 'requests: method, status, error, scheme, version',
    'the status that the client got': 'how requests end, and the status that the client got',
    'requests over HTTP/2': 'requests over HTTP/2',
    'pipelined requests': 'pipelined requests',
    'what Node.js rejects': 'what Node.js rejects',
    'a collection': 'connections that close without an event',
    streams: 'event streams',
    upgrades: 'WebSockets, other upgrades, tunnels',
    details: 'sizes of bodies, the first byte, waiting',
    'what handlers throw': 'what handlers throw',
    'connections that a server is given': 'connections that a server is given',
    'the URL that came in': 'routes, and what is ignored, by the URL that came in',
  };

  it('has each contract of the engines, and whether otel keeps it as lean does', () => {
    const head = '| What | `otel` | The time is taken by | That instrumentation on its own |';
    const written = table(page, head).map(([what, otel]) => [what, otel]);
    const kept = Object.entries(CONTRACTS).map(([contract, what]) => [
      what,
      keeps('lean', contract as Contract) && keeps('otel', contract as Contract) ? 'as lean' : 'not always',
    ]);
    assert.deepEqual(written, kept);
  });

  it('has the differences of both engines that their contract has', () => {
    const tested = read('test/contracts/engine-answers.test.ts');
    const written = read(page)
      .split('## Two engines')[1]
      ?.match(/(?<=^- ).+$/gm);
    assert.ok(written);
    for (const what of written) assert.ok(tested.includes(`'${what}': [`), what);
  });
});

describe('docs/exporters.md', () => {
  const kinds: Readonly<Record<string, Kind>> = { counter: 'counter', gauge: 'gauge' };
  for (const [kind = '', name = '', unit = '', expected] of table(
    'docs/exporters.md',
    '| Kind | Instrument | Unit | Name |',
  )) {
    it(`has the name of a ${kind} ${name} in ${unit || 'no unit'}`, () =>
      assert.equal(familyName(name, unit, kinds[kind] ?? 'histogram'), expected));
  }

  it('shows lines of collector-config.yaml', () => {
    const lines = BLOCKS.find(
      (each) => each.page === 'docs/exporters.md' && each.lines[0] === 'exporters:',
    )?.lines;
    assert.ok(lines);
    const config = read('collector-config.yaml').split('\n');
    assert.deepEqual(
      lines.filter((line) => !config.includes(line)),
      [],
    );
  });
});
