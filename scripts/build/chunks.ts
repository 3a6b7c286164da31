/**
 * Which files `load` loads: each module that it names is in a file of its own, except for those that are needed
 * together. The name of each file is such that none of an app's own lies in its place where the app's bundle holds a
 * copy of `load`.
 */
const TOGETHER = {
  /** What the preload loads. */
  session: ['session'],
  /** All that is needed when a server is about to listen. */
  config: ['config/parse'],
  /** What measures it, by the defaults, in the order of `pipeline/parts.ts`. */
  resource: ['resource'],
  aggregations: ['pipeline/aggregations', '@opentelemetry/sdk-metrics:view/Aggregation.mjs'],
  sdk: ['views/views'],
  requests: ['instruments/http/request-metrics'],
  http: [
    'instruments/http/engines',
    'instruments/routes/restify',
    'instruments/routes/loopback',
    'instruments/routes/feathers',
    'instruments/routes/h3/nitro',
  ],
  app: ['instruments/app/meter'],
  prometheus: ['exporters/prometheus/index'],
  pipeline: [
    'pipeline/compose',
    // Not needed, but small, and otherwise files of their own.
    'metric-data/attribute-text',
    'metric-data/labels',
    'metric-data/names',
  ],
  /** Who is in a group of processes. */
  members: [
    'group/members/survey',
    'group/members/membership',
    'group/members/group-name',
    'group/state/to-metrics',
  ],
  group: ['group/group'],
  runtime: ['instruments/runtime/runtime-metrics'],
  /** What the first scrape needs. */
  exposition: ['exporters/prometheus/answer', 'exporters/prometheus/forward'],
  express: ['instruments/routes/express/routing', 'instruments/routes/express/mount-pattern'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Chunks that hold all that they need, in this order, and that others import from. */
const SHARED: readonly string[] = [
  'session',
  'config',
  'resource',
  'aggregations',
  'sdk',
  'requests',
  'http',
  'app',
  'prometheus',
  'pipeline',
  'members',
];

export interface Chunk {
  readonly name: string;
  /**
   * The modules for whose exports it is loaded, relative to `src` and without extension; or `package:file` of a module
   * that is put there with all that it imports.
   */
  readonly doors: readonly string[];
  /** Several doors are one file. */
  readonly isGroup: boolean;
}

/** A chunk for each of these modules, or for several together. */
export function chunksOf(modules: Iterable<string>): readonly Chunk[] {
  const groups = Object.entries<readonly string[]>(TOGETHER);
  const grouped = new Set(groups.flatMap(([, doors]) => doors));
  return [
    ...groups.map(([name, doors]) => ({ name, doors, isGroup: doors.length > 1 || name === 'session' })),
    ...[...modules]
      .filter((module) => !grouped.has(module))
      .map((module) => ({
        name: module.replace(/\/index$/, '').replaceAll('/', '-'),
        doors: [module],
        isGroup: false,
      })),
  ];
}

/** Without its extension. */
export const fileOf = (chunk: string): string => `routemeter-${chunk}`;

/**
 * Which chunk each module goes into; what is left out goes into files that the bundler chooses. What several chunks
 * need is in the first of those that are shared.
 *
 * @param imports the modules that a module imports
 */
export function placesOf<Id>(
  chunks: readonly { readonly name: string; readonly isGroup: boolean; readonly doors: readonly Id[] }[],
  imports: (module: Id) => Iterable<Id>,
): ReadonlyMap<Id, string> {
  const places = new Map<Id, string>();
  for (const name of SHARED) {
    const doors = chunks.find((chunk) => chunk.name === name)?.doors ?? [];
    for (const module of reachable(doors, imports)) if (!places.has(module)) places.set(module, name);
  }
  for (const chunk of chunks) {
    if (!chunk.isGroup || SHARED.includes(chunk.name)) continue;
    const others = reachable(
      chunks.filter((other) => other !== chunk).flatMap(({ doors }) => doors),
      imports,
    );
    for (const module of reachable(chunk.doors, imports)) {
      if (!places.has(module) && !others.has(module)) places.set(module, chunk.name);
    }
  }
  return places;
}

function reachable<Id>(from: readonly Id[], imports: (module: Id) => Iterable<Id>): Set<Id> {
  const reached = new Set(from);
  for (const module of reached) for (const next of imports(module)) reached.add(next);
  return reached;
}
