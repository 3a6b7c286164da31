import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../src', import.meta.url));
const sources = globSync('**/*.ts', { cwd: ROOT });
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const DOORS = ['index.ts', 'register.ts', 'start.ts'];

interface Room {
  readonly is: string;
  readonly knows: readonly string[];
}

/** Every room of the house: what it is, and the rooms that it may import from. A new folder needs a line here. */
const ROOMS: Readonly<Record<string, Room>> = {
  'index.ts': { is: 'the door routemeter', knows: ['api', 'start.ts'] },
  'register.ts': { is: 'the door routemeter/register', knows: ['guest'] },
  'start.ts': { is: 'the door routemeter/start', knows: ['config', 'guest'] },
  'session.ts': {
    is: 'the life of a process: idle, waiting, running, off',
    knows: ['api', 'config', 'guest', 'instruments/routes', 'pipeline'],
  },
  'resource.ts': { is: 'what the metrics are about', knows: ['config', 'guest'] },
  pipeline: {
    is: 'puts the parts together: a configuration in, a running pipeline out',
    knows: [
      'api',
      'config',
      'exporters',
      'guest',
      'instruments',
      'instruments/app',
      'instruments/http',
      'instruments/in-request',
      'instruments/routes',
      'instruments/runtime',
      'resource.ts',
      'views',
    ],
  },
  api: { is: 'the calls that apps import; alone, so that a bundle may hold a copy', knows: [] },
  guest: { is: 'what it takes to be a guest in the process of somebody else', knows: [] },
  config: { is: 'the only reader of the environment', knows: ['guest'] },
  'metric-data': { is: 'facts about metric data, each once', knows: [] },
  views: {
    is: 'shapes: boundaries, attributes, the bound on series; knows neither who records nor who exports',
    knows: ['config', 'metric-data'],
  },
  instruments: {
    is: 'what several instruments share',
    knows: ['guest', 'instruments/routes', 'metric-data', 'views'],
  },
  'instruments/routes': { is: 'the route of a request, a framework each', knows: ['guest'] },
  'instruments/in-request': {
    is: 'which request code belongs to, and what it counts and times',
    knows: [
      'api',
      'config',
      'guest',
      'instruments',
      'instruments/app',
      'instruments/routes',
      'metric-data',
      'views',
    ],
  },
  'instruments/http': {
    is: "the requests of the process' servers, an engine each",
    knows: [
      'config',
      'guest',
      'instruments',
      'instruments/in-request',
      'instruments/routes',
      'metric-data',
      'views',
    ],
  },
  'instruments/http-client': {
    is: 'outgoing requests',
    knows: ['config', 'guest', 'instruments', 'instruments/http', 'metric-data', 'views'],
  },
  'instruments/app': {
    is: 'the instruments that the app makes through the OpenTelemetry API',
    knows: ['config', 'guest', 'instruments', 'metric-data', 'views'],
  },
  'instruments/runtime': { is: "Node.js' own metrics", knows: ['config', 'guest'] },
  exporters: {
    is: 'the table of exporters, and what each of them is',
    knows: ['api', 'config', 'guest', 'metric-data'],
  },
  'exporters/reading': { is: 'what exporters that push share', knows: ['guest'] },
  'exporters/console': {
    is: 'tables on stderr',
    knows: ['config', 'exporters', 'exporters/reading', 'guest', 'metric-data'],
  },
  'exporters/otlp': {
    is: 'OTLP over HTTP',
    knows: ['config', 'exporters', 'exporters/reading', 'guest', 'metric-data'],
  },
  'exporters/prometheus': {
    is: 'the endpoint that Prometheus scrapes',
    knows: ['api', 'config', 'exporters', 'group', 'guest', 'metric-data'],
  },
  'exporters/statsd': {
    is: 'StatsD, a dialect and a transport each',
    knows: ['config', 'exporters', 'exporters/reading', 'group', 'guest', 'metric-data'],
  },
  group: {
    is: 'the sum of all processes of a service, for any exporter that wants it',
    knows: ['config', 'group/members', 'group/port', 'group/state', 'guest', 'metric-data'],
  },
  'group/port': { is: 'which process has the port', knows: ['group/members', 'group/state', 'guest'] },
  'group/members': {
    is: 'which processes are there',
    knows: ['group/state', 'guest', 'metric-data'],
  },
  'group/state': { is: 'what a process has recorded, in files', knows: ['config', 'guest', 'metric-data'] },
};

/** Folders whose folders are rooms of their own. */
const DIVIDED = ['exporters', 'group', 'instruments'];

/** A folder at the root is a room, and so is a file there. */
function roomOf(file: string): string {
  const [first = '', second = '', ...deeper] = file.split('/');
  return DIVIDED.includes(first) && deeper.length > 0 ? `${first}/${second}` : first;
}

/** Files of ours that a file imports. */
function imports(file: string): string[] {
  return [...text(file).matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, path = '']) =>
    relative(ROOT, join(ROOT, dirname(file), path)),
  );
}

/** Files of ours that a file loads when it needs them; it has their types by an import, too. */
function loads(file: string): string[] {
  return [...text(file).matchAll(/'\.\/([\w/-]+)'/g)]
    .map(([, path]) => `${path}.ts`)
    .filter((path) => sources.includes(path));
}

type Graph = ReadonlyMap<string, readonly string[]>;

/** The ways from a node back to itself, each once. */
function circles(graph: Graph): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) found.push([...way.slice(way.indexOf(node)), node].join(' -> '));
    if (way.includes(node) || done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return found;
}

const graphOf = (edges: (file: string) => readonly string[]): Graph =>
  new Map(sources.map((file) => [file, edges(file)]));

describe('the rooms', () => {
  it('all have a name, and all exist', () => {
    assert.deepEqual([...new Set(sources.map(roomOf))].sort(), Object.keys(ROOMS).sort());
  });

  for (const [room, { is, knows }] of Object.entries(ROOMS)) {
    it(`${room}, ${is}, imports from ${knows.join(', ') || 'no other room'}`, () => {
      const others = sources
        .filter((file) => roomOf(file) === room)
        .flatMap((file) =>
          imports(file)
            .filter((path) => roomOf(path) !== room && !knows.includes(roomOf(path)))
            .map((path) => `${file} -> ${path}`),
        );
      assert.deepEqual(others, []);
    });
  }

  it('api needs no package and loads nothing', () => {
    const others = sources
      .filter((file) => roomOf(file) === 'api')
      .filter((file) =>
        /^(?:import|export) (?!type [^;]*'node:)[^;]*from '(?!\.\/)|\b(?:import|require|load)\(/m.test(
          text(file),
        ),
      );
    assert.deepEqual(others, []);
  });

  it('there is no cycle of rooms, and none of files', () => {
    const rooms = new Map<string, string[]>();
    for (const file of sources) {
      const others = imports(file).map(roomOf);
      const room = roomOf(file);
      rooms.set(room, [...(rooms.get(room) ?? []), ...others.filter((other) => other !== room)]);
    }
    assert.deepEqual(
      [circles(rooms), circles(graphOf((file) => [...imports(file), ...loads(file)]))],
      [[], []],
    );
  });

  it('every file is reachable from an entry point', () => {
    const reached = new Set(DOORS);
    for (const file of reached) for (const next of [...imports(file), ...loads(file)]) reached.add(next);
    assert.deepEqual(sources.filter((file) => !reached.has(file)).sort(), []);
  });

  it('the search finds imports and loads', () => {
    assert.ok(imports('pipeline/meters.ts').includes('views/views.ts'));
    assert.ok(loads('instruments/http/engines.ts').includes('instruments/http/otel.ts'));
    assert.ok(loads('exporters/index.ts').includes('exporters/prometheus/index.ts'));
    assert.deepEqual(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c', 'a']],
          ['c', []],
        ]),
      ),
      ['a -> b -> a'],
    );
  });
});

describe('one place each', () => {
  const places: [what: string, pattern: RegExp, files: string[]][] = [
    ['reads the environment', /process\.env\b/, ['config/read.ts']],
    ['ends the process', /process\.exit\(/, ['guest/signals.ts', 'session.ts']],
    ['opens an HTTP server', /createServer\(/, ['exporters/prometheus/endpoint.ts']],
    [
      "replaces a reader's collect, or that of the SDK behind it",
      /\.collect = /,
      ['pipeline/around-collect.ts', 'pipeline/collect-in-slices.ts'],
    ],
    ['runs a race with a timer', /Promise\.race\(/, ['guest/deadline.ts']],
    ["looks for an error's code", /'code' in /, ['guest/shape.ts']],
    [
      'imports what instrumentations patch',
      /^import (?!type)[^;]*from 'node:(?:http|https|http2|net|fs|dns|child_process)/m,
      [],
    ],
    ['touches the API global', /opentelemetry\.js\.api\.1/, ['guest/api-global.ts']],
  ];
  for (const [what, pattern, files] of places) {
    it(what, () => {
      assert.deepEqual(sources.filter((file) => pattern.test(text(file))).sort(), files);
    });
  }
});
