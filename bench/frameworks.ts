/** CPU time a request by framework, beside what its users take today; and what an app pays for frameworks it does not use. */
import { added, byTheirRoute, counts } from './added.ts';
import { ROUTES } from './app-routes.ts';
import { CORES } from './processes.ts';
import type { Report, Table, Target } from './report.ts';
import type { Settings } from './settings.ts';
import { measureModules, modulesTable, modulesTarget } from './startup-modules.ts';
import { signed, signedSpread, spread, summarize } from './statistics.ts';
import { atMost, costsNothing } from './targets.ts';
import { type Measured, measureServers, NOTHING, type Server, type Variant } from './turns.ts';
import { missing, NO_SOURCES, OURS, ROUTEMETER, scrapedRoutes, WITHOUT_SOURCES } from './variants.ts';

/** Packages whose versions belong to the figures. */
const COMPARED = [
  'express',
  'express4',
  'express-prom-bundle',
  'fastify',
  'fastify-metrics',
  'koa',
  '@koa/router',
  'hono',
  '@hono/node-server',
  '@hono/prometheus',
  '@hapi/hapi',
  '@promster/hapi',
  '@nestjs/core',
  '@willsoto/nestjs-prometheus',
  'prom-client',
];

/** What its users take today: the name of the row, and the first argument of the script that measures the app by it. */
interface Today {
  readonly name: string;
  readonly argument: string;
}

/** The same app in one framework. */
interface Framework {
  readonly name: string;
  readonly script: string;
  /** The second argument of the script. */
  readonly variety?: string;
  readonly today: Today;
  /** Writes a route as this framework does. */
  readonly written?: (route: string) => string;
}

const named = (name: string): Today => ({ name, argument: name });
const EXPRESS = { script: 'express.cjs', today: named('express-prom-bundle') };
const NEST = {
  script: 'nest.cjs',
  today: { name: 'by hand with @willsoto/nestjs-prometheus', argument: 'nestjs-prometheus' },
};
const FRAMEWORKS: readonly Framework[] = [
  { name: 'Express 4', ...EXPRESS, variety: 'express4' },
  { name: 'Express 5', ...EXPRESS, variety: 'express' },
  { name: 'Fastify 5', script: 'fastify.cjs', today: named('fastify-metrics') },
  { name: 'Koa 3', script: 'koa.cjs', today: { name: 'prom-client by hand', argument: 'prom-client' } },
  { name: 'Hono 4', script: 'hono.mjs', today: named('@hono/prometheus') },
  {
    name: 'Hapi 21',
    script: 'hapi.cjs',
    today: named('@promster/hapi'),
    written: (route) => route.replace(/:(\w+)/g, '{$1}'),
  },
  { name: 'Nest 12 on Express', ...NEST, variety: 'express' },
  { name: 'Nest 12 on Fastify', ...NEST, variety: 'fastify' },
];

const ours = (): Variant => ({ name: OURS, ...ROUTEMETER, routes: scrapedRoutes, missing: missing() });

function serverOf({ name, script, variety, today, written = (route) => route }: Framework): Server {
  const measuredBy = (argument: string): string[] => [argument, ...(variety === undefined ? [] : [variety])];
  return {
    name,
    script,
    paths: Object.keys(ROUTES),
    routes: Object.fromEntries(Object.entries(ROUTES).map(([path, route]) => [path, written(route)])),
    variants: [
      { name: NOTHING, scriptArguments: measuredBy('nothing') },
      {
        name: today.name,
        scriptArguments: measuredBy(today.argument),
        routes: (app) => app.ask('routes'),
      },
      { ...ours(), scriptArguments: measuredBy('nothing') },
    ],
  };
}

/** No framework, so that its requests have no route. */
const bare = (): Server => ({
  name: 'node:http',
  script: 'bare.cjs',
  paths: ['/users/42', '/health'],
  routes: { '/users/42': '', '/health': '' },
  variants: [{ name: NOTHING }, { ...ours(), name: NO_SOURCES, ...WITHOUT_SOURCES }, ours()],
});

/** The servers of the table: one of each framework, and one of none. */
export const servers = (): readonly Server[] => [bare(), ...FRAMEWORKS.map(serverOf)];

/** Every variant of every server. */
export function tableOf(measured: readonly Measured[]): Table {
  return {
    title: 'CPU time a request',
    headers: [
      'app',
      'variant',
      'CPU µs a request',
      'added',
      'added, lower tenths',
      'requests counted',
      'by their route',
    ],
    rows: measured.flatMap(({ server, all }) =>
      all.map((series) => {
        const { name } = series.variant;
        if (series.failure !== undefined) {
          return [server.name, name, `not measured: ${series.failure}`, '', '', '', ''];
        }
        const difference = name === NOTHING ? undefined : added(all, name);
        return [
          server.name,
          name,
          spread(summarize(series.samples), 1),
          difference ? signedSpread(difference, 1) : '',
          difference ? signed(difference.tenth, 1) : '',
          counts(series),
          byTheirRoute(series),
        ];
      }),
    ),
  };
}

/** At the most what the framework's users pay today. */
function besideToday({ server, all }: Measured): Target {
  const [today = ''] = all
    .map(({ variant }) => variant.name)
    .filter((name) => ![NOTHING, OURS].includes(name));
  return atMost(`added on ${server.name}`, added(all, OURS), 1, added(all, today), today);
}

export async function frameworks(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 1 : 7);
  const measured = await measureServers(servers(), rounds, settings);
  const starts = settings.quick ? 2 : rounds * 5;
  const modules = await measureModules(starts, settings);
  const [withoutFramework, ...withFramework] = measured;
  return {
    name: 'frameworks',
    compared: COMPARED,
    tables: [tableOf(measured), modulesTable(modules)],
    targets: [
      ...withFramework.map(besideToday),
      costsNothing(
        'added on node:http by the sources of routes, which it does not use',
        added(withoutFramework?.all ?? [], OURS, NO_SOURCES),
      ),
      modulesTarget(modules),
    ],
    notes: [
      `${rounds} rounds, in each of which the apps were measured one after the other, each with a new process of every variant, which then took turns; medians over all turns, and first to third quartile in brackets; what is added is the difference to "nothing" in the same turn, or between the lower tenths of all turns.`,
      CORES
        ? 'The server had one core to itself and the load the other.'
        : 'Processes could not be pinned to cores.',
      `Start-up: ${starts} starts of each, in turns, not pinned.`,
    ],
  };
}
