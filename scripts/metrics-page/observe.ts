import type { Kind } from '../../src/metric-data/kind.ts';
import { familyName } from '../../src/metric-data/names.ts';
import { freePort } from '../../test/ports.ts';
import { type OtlpReceiver, type ReceivedPoint, startOtlpReceiver } from '../../test/receivers/otlp.ts';
import { type StatsdReceiver, startStatsdReceiver } from '../../test/receivers/statsd.ts';
import type { Definition, MetricType } from './definition.ts';
import { type Families, startApp, untilNothing } from './running-app.ts';
import { servedOnly } from './served-only.ts';
import { SWITCHES, type Switch } from './switches.ts';

/** A metric as running programs push and serve it. */
export interface ObservedMetric extends Definition {
  /** The family's name in the scrape. */
  readonly family: string;
  /** The family's help. */
  readonly description: string;
  /** Attributes with the default configuration, and attributes that appear only when all are requested. */
  readonly attributes: readonly string[];
  readonly onRequest: readonly string[];
  /** Labels in the scrape, with all attributes asked for. */
  readonly labels: readonly string[];
  /** Of a histogram. */
  readonly bounds: readonly number[] | undefined;
  /** Whether exporters push it: otherwise it is in the scrape alone. */
  readonly pushed: boolean;
  /** What it needs to appear; undefined if it always does. */
  readonly needs: Switch | undefined;
}

export interface Observed {
  readonly metrics: readonly ObservedMetric[];
  /** Names in what StatsD is sent. */
  readonly statsd: ReadonlySet<string>;
}

/** Where the programs push to. */
interface Receivers {
  readonly statsd: StatsdReceiver;
  readonly asDefault: OtlpReceiver;
  readonly asRequested: OtlpReceiver;
}

/** Runs the app with each switch by itself, and with all of them in a group of two processes. */
export async function observe(): Promise<Observed> {
  const receivers: Receivers = {
    statsd: await startStatsdReceiver(),
    asDefault: await startOtlpReceiver(),
    asRequested: await startOtlpReceiver(),
  };
  // Rejected data points have an attribute of their own.
  for (const receiver of [receivers.asDefault, receivers.asRequested]) {
    receiver.answer = { kind: 'partial', rejected: 1, message: 'for the page' };
  }
  try {
    const needs = await observeSwitches(receivers.statsd.url);
    const families = await observeAll(receivers, [...needs.keys()]);
    return { metrics: await join(families, receivers, needs), statsd: namesOf(receivers.statsd) };
  } finally {
    await Promise.all([receivers.statsd.stop(), receivers.asDefault.close(), receivers.asRequested.close()]);
  }
}

/** @returns for each family the switch that it takes */
async function observeSwitches(statsdUrl: string): Promise<Map<string, Switch | undefined>> {
  const settings = { statsdUrl, port: String(await freePort()) };
  const seen = await Promise.all(
    [undefined, ...SWITCHES].map(async (each) => {
      const families = await observeFamilies({ ...BASE, ...each?.env(settings), ...service() });
      return families.map((family) => [family, each] as const);
    }),
  );
  // Of a family that is there without any, the entry of the first program stands.
  return new Map(seen.flat().reverse());
}

/** Everything that can be switched is off. */
const BASE = {
  OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node',
  // The app has fewer series, apart from those that it makes to exceed it.
  ROUTEMETER_CARDINALITY_LIMIT: '20',
};

let services = 0;
const service = () => ({ OTEL_SERVICE_NAME: `metrics-page-${process.pid}-${services++}` });

async function observeFamilies(env: Readonly<Record<string, string>>): Promise<string[]> {
  await using app = await startApp(env);
  return [...(await app.settled()).keys()];
}

/** How many processes of the group a scrape is of. */
const FRESH = 'routemeter_group_members_fresh';

/** @param expected families that there must be */
async function observeAll(
  { statsd, asDefault, asRequested }: Receivers,
  expected: readonly string[],
): Promise<Families> {
  const settings = { statsdUrl: statsd.url, port: String(await freePort()) };
  const env = Object.assign({}, BASE, ...SWITCHES.map((each) => each.env(settings)), service(), {
    OTEL_METRICS_EXPORTER: 'prometheus,otlp,statsd',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    ROUTEMETER_STATSD_INTERVAL: '200',
    ROUTEMETER_TAGS: 'plan=free,pro',
  });
  const pushTo = ({ url }: OtlpReceiver) => ({ ...env, OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: url });
  await using first = await startApp(pushTo(asDefault));
  await using _second = await startApp({ ...pushTo(asRequested), ROUTEMETER_ATTRIBUTES: '+*' });
  let families = await first.settled();
  await untilNothing(async () => {
    families = await first.scrape();
    const [fresh] = families.get(FRESH)?.samples ?? [];
    const alone = fresh?.value === 2 ? [] : [`2 ${FRESH}`];
    return [...expected.filter((family) => !families.has(family)), ...alone];
  });
  // What was there in the scrape is in the push after the next, if it is pushed.
  for (const { requests } of [asDefault, asRequested]) {
    const wanted = requests.length + 2;
    await untilNothing(async () => (requests.length < wanted ? ['two pushes'] : []));
  }
  return families;
}

async function join(
  families: Families,
  { asDefault, asRequested }: Receivers,
  needs: ReadonlyMap<string, Switch | undefined>,
): Promise<ObservedMetric[]> {
  const byDefault = pointsOf(asDefault);
  const requested = pointsOf(asRequested);
  const definitions = [
    ...[...requested].map(([name, [point]]) => ({ ...definitionOf(name, point, families), pushed: true })),
    ...(await servedOnly()).map((definition) => ({ ...definition, pushed: false })),
  ];
  const metrics = definitions.map((definition): ObservedMetric => {
    const { name, unit, type } = definition;
    const family = familyName(name, unit, KINDS[type]) ?? name;
    const served = families.get(family);
    if (served === undefined) throw new Error(`${name} is not served as ${family}`);
    if (!needs.has(family)) throw new Error(`no switch by itself brings about ${family}`);
    const attributes = keysOf(byDefault.get(name));
    return {
      ...definition,
      family,
      description: served.help,
      attributes,
      onRequest: keysOf(requested.get(name)).filter((key) => !attributes.includes(key)),
      labels: unique(served.samples.flatMap(({ labels }) => [...labels.keys()])).filter(
        (key) => key !== 'le',
      ),
      bounds: requested.get(name)?.[0].bounds,
      needs: needs.get(family),
    };
  });
  const known = metrics.map(({ family }) => family);
  const unknown = [...families.keys()].filter((family) => !known.includes(family));
  if (unknown.length > 0) throw new Error(`served, and not pushed: ${unknown.join(', ')}`);
  return metrics;
}

const KINDS: Readonly<Record<MetricType, Kind>> = {
  counter: 'counter',
  'up-down counter': 'upDownCounter',
  gauge: 'gauge',
  histogram: 'histogram',
};

/** A push does not tell here whether a sum only grows: its name in the scrape does. */
function definitionOf(name: string, { unit, kind }: ReceivedPoint, families: Families): Definition {
  if (kind === 'gauge') return { name, unit, type: 'gauge' };
  if (kind !== 'sum') return { name, unit, type: 'histogram' };
  const grows = families.get(familyName(name, unit, 'counter') ?? '')?.type === 'counter';
  return { name, unit, type: grows ? 'counter' : 'up-down counter' };
}

type Points = [ReceivedPoint, ...ReceivedPoint[]];

/** All data points of a process, by the name of the instrument. */
function pointsOf({ requests }: OtlpReceiver): Map<string, Points> {
  const found = new Map<string, Points>();
  for (const point of requests.flatMap(({ points }) => points)) {
    const points = found.get(point.metric);
    if (points === undefined) found.set(point.metric, [point]);
    else points.push(point);
  }
  return found;
}

function keysOf(points: readonly ReceivedPoint[] = []): string[] {
  return unique(points.flatMap(({ attributes }) => Object.keys(attributes)));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function namesOf({ lines }: StatsdReceiver): Set<string> {
  return new Set(lines.map((line) => line.split(':')[0] ?? ''));
}
