/** CPU time a request, by HTTP/1 and HTTP/2, bare and on the frameworks that most apps have. */
import { added, leastAdded, type Reference, tableOf, to } from './added.ts';
import { ROUTES } from './app-routes.ts';
import { type App, CORES } from './processes.ts';
import type { Report, Target } from './report.ts';
import type { RouteCounts } from './route-counts.ts';
import type { Settings } from './settings.ts';
import { atMost } from './targets.ts';
import { type Measured, measureServers, NOTHING, type Server, type Variant } from './turns.ts';
import { ALL_OPT_INS, CLIENTS, missing, OURS, ROUTEMETER, scrapedCount, scrapedRoutes } from './variants.ts';

const BY_HAND = CLIENTS.map((client) => `${client} by hand`);
/** Whatever claims to cost little is held to the one that costs less. */
const FASTER: Reference = { name: 'the faster client by hand', variants: BY_HAND };
const OTEL_HTTP = 'instrumentation-http';
const OTEL_EXPRESS = 'instrumentation-http and -express';
const EVERYTHING = 'routemeter, everything that is opt-in';

const PATHS = ['/users/42', '/health'];

/** What may be added at the most, as a share of what something else adds. */
interface Limit {
  readonly share: number;
  readonly of: Reference;
}

interface Row extends Server {
  readonly reference?: Reference;
  readonly limits: readonly Limit[];
}

const counted = (app: App): Promise<number> => app.ask('counted');
const routes = (app: App): Promise<RouteCounts> => app.ask('routes');

const ours = (): Variant => ({ name: OURS, ...ROUTEMETER, missing: missing() });

function bare(): Row {
  return {
    name: 'node:http',
    script: 'bare.cjs',
    paths: PATHS,
    reference: FASTER,
    limits: [{ share: 0.6, of: FASTER }],
    variants: [
      { name: NOTHING },
      ...CLIENTS.map((client, i) => ({ name: BY_HAND[i] ?? client, scriptArguments: [client], counted })),
      { name: OTEL_HTTP, nodeArguments: ['-r', './apps/otel-setup.cjs'], counted },
      { ...ours(), counted: scrapedCount },
    ],
  };
}

/** The same server, with all that the app's operator can turn on, and requests that have what it reads. */
function optIns(): Row {
  return {
    name: 'node:http behind a proxy',
    script: 'bare.cjs',
    paths: PATHS,
    headers: { 'x-request-start': '{now}', 'x-plan': 'pro' },
    limits: [],
    variants: [
      { name: NOTHING },
      { ...ours(), counted: scrapedCount },
      {
        ...ours(),
        name: EVERYTHING,
        env: { ...ROUTEMETER.env, ...ALL_OPT_INS },
        counted: scrapedCount,
      },
    ],
  };
}

function http2(name: string, api: string): Row {
  const variants = [{ name: NOTHING }, { ...ours(), counted: scrapedCount }];
  return {
    name,
    script: 'http2.cjs',
    load: 'load-http2.cjs',
    paths: PATHS,
    limits: [],
    variants: variants.map((variant) => ({ ...variant, scriptArguments: [api] })),
  };
}

/** The arguments of its script: what measures the app, and those that follow. */
function framework(name: string, script: string, rest: readonly string[], more: readonly Variant[]): Row {
  const measuredBy = (what: string): string[] => [what, ...rest];
  return {
    name,
    script,
    paths: Object.keys(ROUTES),
    routes: ROUTES,
    reference: FASTER,
    limits: [{ share: 1, of: FASTER }],
    variants: [
      { name: NOTHING, scriptArguments: measuredBy('nothing') },
      ...CLIENTS.map((client, i) => ({
        name: BY_HAND[i] ?? client,
        scriptArguments: measuredBy(client),
        routes,
      })),
      ...more.map((variant) => ({
        ...variant,
        scriptArguments: variant.scriptArguments ?? measuredBy('nothing'),
      })),
      { ...ours(), scriptArguments: measuredBy('nothing'), routes: scrapedRoutes },
    ],
  };
}

/** @param packageName that the app requires */
function express(name: string, packageName: string, more: readonly Variant[] = []): Row {
  const otel: Variant = {
    name: OTEL_EXPRESS,
    nodeArguments: ['-r', './apps/otel-setup.cjs'],
    env: { BENCH_EXPRESS: packageName },
    routes,
  };
  const row = framework(name, 'express.cjs', [packageName], [...more, otel]);
  return { ...row, limits: [...row.limits, { share: 0.05, of: to(OTEL_EXPRESS) }] };
}

export function servers(): readonly Row[] {
  const bundle = 'express-prom-bundle';
  return [
    bare(),
    optIns(),
    http2('HTTP/2, stream API', 'streams'),
    http2('HTTP/2, compatibility API', 'compatibility'),
    express('Express 4', 'express4'),
    express('Express 5', 'express', [{ name: bundle, scriptArguments: [bundle, 'express'], counted }]),
    framework(
      'Fastify 5',
      'fastify.cjs',
      [],
      [
        { name: 'fastify-metrics', scriptArguments: ['fastify-metrics'], routes },
        { name: OTEL_HTTP, nodeArguments: ['-r', './apps/otel-setup.cjs'], counted },
      ],
    ),
  ];
}

function targetsOf({ server, all }: Measured<Row>): readonly Target[] {
  return server.limits.map(({ share, of }) =>
    atMost(`added on ${server.name}`, added(all, OURS), share, leastAdded(all, of.variants), of.name),
  );
}

export async function requests(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 7);
  const measured = await measureServers(servers(), rounds, settings);
  return {
    name: 'requests',
    tables: measured.map(({ server, all }) => tableOf(server, all, server.reference)),
    targets: measured.flatMap(targetsOf),
    notes: [
      `${rounds} rounds, each with a new process of every variant, which then took turns; medians over all turns, and first to third quartile in brackets; what is added is the difference to "nothing" in the same turn, or between the lower tenths of all turns.`,
      CORES
        ? 'The server had one core to itself and the load the other.'
        : 'Processes could not be pinned to cores.',
    ],
  };
}
