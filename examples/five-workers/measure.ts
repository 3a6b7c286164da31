/** Both halves side by side under the same traffic, and what one Prometheus that scrapes both has of them. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Data, type HalfData, ROUTES, type Route } from './data.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { type Shop, startShop } from './shop.ts';
import { createTraffic, type Traffic } from './traffic.ts';

const WORKERS = 5;
/** A member of a group writes down its state every second: nothing is lost with one that was idle for longer. */
const PAUSE_BEFORE_KILL_MILLIS = 1_500;
const SECOND_MILLIS = 1_000;

const PRELOADS = {
  official: ['--require', './official.cjs'],
  routemeter: ['--import', 'routemeter/register'],
} as const;
type Name = keyof typeof PRELOADS;
const NAMES: readonly Name[] = ['official', 'routemeter'];

/** The official exporter leaves the unit out of the name. Its own scrapes are counted too, and have no route. */
const counter = (job: Name): string =>
  `{__name__=~"http_server_request_duration(_seconds)?_count",job="${job}",http_route!=""}`;

interface Half {
  readonly name: Name;
  readonly shop: Shop;
  readonly traffic: Traffic;
  readonly clients: Record<Route, number[]>;
}

export interface MeasureOptions {
  /** Path of the binary. */
  readonly prometheus: string;
  /** Of traffic. */
  readonly seconds: number;
  readonly scrapeIntervalSeconds: number;
}

/** @throws when a process does not start, or a request is not answered */
export async function measure({
  prometheus: program,
  seconds,
  scrapeIntervalSeconds,
}: MeasureOptions): Promise<Data> {
  const [own = 0, ...ports] = await freePorts(1 + 2 * NAMES.length);
  const targets: Partial<Record<Name, string>> = {};
  const halves = NAMES.map((name, i): Half => {
    const [port = 0, metricsPort = 0] = ports.slice(2 * i);
    targets[name] = `localhost:${metricsPort}`;
    const shop = startShop({ preload: PRELOADS[name], port, metricsPort });
    const clients = { '/products/:id': [], '/users/:user/orders': [] };
    return { name, shop, traffic: createTraffic(port), clients };
  });
  // A worker that no request came to has no sample; the scrape after it goes to another.
  const limitMillis = (WORKERS + 1) * scrapeIntervalSeconds * 1000 + 10_000;
  const all = <T>(each: (half: Half) => Promise<T>): Promise<T[]> => Promise.all(halves.map(each));

  await all((half) => half.shop.listening(WORKERS));
  await all((half) => half.traffic.touch());
  const prometheus = await startPrometheus({ program, port: own, scrapeIntervalSeconds, targets });
  await all((half) => scrapedSince(prometheus, { name: half.name, limitMillis }, 0));

  const start = Date.now();
  const watching = new AbortController();
  const watched = watch(halves, start, watching.signal);
  await all((half) => half.traffic.drive(start + (seconds / 2) * 1000));
  await pause(PAUSE_BEFORE_KILL_MILLIS);
  const killedAt = (Date.now() - start) / 1000;
  for (const { shop } of halves) shop.killWorker();
  await all((half) => half.shop.listening(WORKERS + 1));
  await all((half) => half.traffic.drive(start + seconds * 1000));
  const end = Date.now() / 1000;
  await all((half) => scrapedSince(prometheus, { name: half.name, limitMillis }, end));
  await pause(SECOND_MILLIS); // so that the last second is after the last scrape
  watching.abort();
  await watched;

  const found = await all(async (half) => ({
    ...(await ask(prometheus, half, start / 1000)),
    made: made(half),
    rate: await rates(prometheus, half.name, { start: start / 1000, end, scrapeIntervalSeconds }),
  }));
  await Promise.all([prometheus.stop(), ...halves.map(({ shop }) => shop.stop())]);
  const [official, routemeter] = found;
  if (official === undefined || routemeter === undefined) throw new Error('a half is missing');
  return { scrapeIntervalSeconds, seconds, killedAt, official, routemeter };
}

const made = ({ clients }: Half): number =>
  ROUTES.reduce((sum, route) => sum + (clients[route].at(-1) ?? 0) - (clients[route][0] ?? 0), 0);

/** Writes down each second how many requests clients have made. */
async function watch(halves: readonly Half[], start: number, signal: AbortSignal): Promise<void> {
  for (let second = 0; !signal.aborted; second++) {
    for (const { clients, traffic } of halves) {
      for (const route of ROUTES) clients[route].push(traffic.made[route]);
    }
    const next = start + (second + 1) * 1000 - Date.now();
    await pause(Math.max(0, next), undefined, { signal }).catch(() => undefined);
  }
}

/** The counter's samples. */
async function samples(prometheus: Prometheus, name: Name): Promise<number[]> {
  const series = await prometheus.query(`${counter(name)}[1h]`, Date.now() / 1000);
  return series.flatMap(({ values }) => values.map(([time]) => time)).sort((a, b) => a - b);
}

/** Waits for a sample after this second since the epoch. */
async function scrapedSince(
  prometheus: Prometheus,
  { name, limitMillis }: { name: Name; limitMillis: number },
  since: number,
): Promise<void> {
  const deadline = Date.now() + limitMillis;
  while (((await samples(prometheus, name)).at(-1) ?? 0) <= since) {
    if (Date.now() > deadline) throw new Error(`${name}: no sample within ${limitMillis / 1000} s`);
    await pause(100);
  }
}

async function ask(
  prometheus: Prometheus,
  { name, clients }: Half,
  start: number,
): Promise<Pick<HalfData, 'clients' | 'scraped' | 'increase'>> {
  const steps = clients['/products/:id'].length;
  const range = { start, end: start + steps - 1, step: 1 };
  const series = await prometheus.queryRange(`sum by (http_route) (${counter(name)})`, range);
  const scraped = (route: Route): (number | null)[] => {
    const row: (number | null)[] = Array.from({ length: steps }, () => null);
    for (const [time, value] of series.find(({ labels }) => labels.http_route === route)?.values ?? []) {
      row[Math.round(time - start)] = value;
    }
    return row;
  };
  // From the first sample to the last, which leaves nothing to extrapolate. A range does not contain its first instant.
  const times = await samples(prometheus, name);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const millis = Math.round((last - first) * 1000) + 1;
  const [increase] = await prometheus.query(`sum(increase(${counter(name)}[${millis}ms]))`, last);
  return {
    clients,
    scraped: {
      '/products/:id': scraped('/products/:id'),
      '/users/:user/orders': scraped('/users/:user/orders'),
    },
    increase: Math.round(increase?.values[0]?.[1] ?? Number.NaN),
  };
}

async function rates(
  prometheus: Prometheus,
  name: Name,
  { start, end, scrapeIntervalSeconds }: { start: number; end: number; scrapeIntervalSeconds: number },
): Promise<HalfData['rate']> {
  const window = 2 * scrapeIntervalSeconds + 1; // two samples at least
  const series = await prometheus.queryRange(`sum(rate(${counter(name)}[${window}s]))`, {
    start: start + window,
    end,
    step: 1,
  });
  const values = series.flatMap((one) => one.values.map(([, value]) => value));
  return { lowest: Math.round(Math.min(...values)), highest: Math.round(Math.max(...values)) };
}

/** Ports of loopback that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}
