import { setTimeout as delay } from 'node:timers/promises';
import { requestCounts } from '../../app-process.ts';
import { type ParsedFamily, parse } from '../../exporters/prometheus/parser.ts';

/** What one scrape says of the app of test/apps/group-app.mjs and of its group. */
export interface Scrape {
  /** By `METHOD route status`. */
  readonly requests: Record<string, number>;
  readonly pending: number;
  /** The buckets are cumulative, the last one is that of all. */
  readonly sizes: { readonly count: number; readonly sum: number; readonly buckets: readonly number[] };
  readonly members: number;
  readonly fresh: number;
  readonly retired: number;
  readonly families: ReadonlyMap<string, ParsedFamily>;
}

/** What Prometheus waits for by default. */
const SCRAPE_MILLIS = 10_000;

/** Rejects when nobody serves within that many milliseconds. */
export async function scrape(endpoint: string, millis = SCRAPE_MILLIS): Promise<Scrape> {
  const response = await fetch(endpoint, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(millis),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`scrape: ${response.status} ${text}`);
  const families = parse(text);
  const values = (family: string, name = family): number[] =>
    (families.get(family)?.samples ?? []).filter((sample) => sample.name === name).map(({ value }) => value);
  const value = (family: string, name = family): number => values(family, name)[0] ?? 0;
  return {
    requests: requestCounts(text),
    pending: value('orders_pending'),
    sizes: {
      count: value('item_size', 'item_size_count'),
      sum: value('item_size', 'item_size_sum'),
      buckets: values('item_size', 'item_size_bucket'),
    },
    members: value('routemeter_group_members'),
    fresh: value('routemeter_group_members_fresh'),
    retired: value('routemeter_group_members_retired_total'),
    families,
  };
}

/** Scrapes until the condition holds, also while nobody serves; says what the last scrape said if it never does. */
export async function scrapeUntil(
  endpoint: string,
  condition: (scrape: Scrape) => boolean,
  millis = 15_000,
): Promise<Scrape> {
  const until = performance.now() + millis;
  for (;;) {
    let last: unknown;
    try {
      const seen = await scrape(endpoint);
      if (condition(seen)) return seen;
      last = { ...seen, families: undefined };
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      const said = last instanceof Error ? String(last) : JSON.stringify(last);
      throw new Error(`not within ${millis} ms: ${condition}; the last scrape: ${said}`);
    }
    await delay(20);
  }
}

/** Resolves once the condition holds; rejects after that many milliseconds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  millis = 15_000,
): Promise<void> {
  const end = performance.now() + millis;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${millis} ms`);
    await delay(20);
  }
}
