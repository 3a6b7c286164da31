import { requestCounts } from '../../app-process.ts';
import { type ParsedFamily, parse } from '../../exporters/prometheus/parser.ts';
import { until } from '../../until.ts';

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

/** Numbers of members that a scrape must have, or any condition. */
export type Condition =
  | Partial<Pick<Scrape, 'members' | 'fresh' | 'retired'>>
  | ((scrape: Scrape) => boolean);

/** Scrapes until the condition holds, also while no process serves; an error names what the last scrape had. */
export function scrapeUntil(endpoint: string, condition: Condition): Promise<Scrape> {
  const holds =
    typeof condition === 'function'
      ? condition
      : (seen: Scrape) =>
          (['members', 'fresh', 'retired'] as const).every(
            (name) => condition[name] === undefined || condition[name] === seen[name],
          );
  return until(typeof condition === 'function' ? String(condition) : JSON.stringify(condition), async () => {
    const seen = await scrape(endpoint);
    if (holds(seen)) return seen;
    throw new Error(`the last scrape: ${JSON.stringify({ ...seen, families: undefined })}`);
  });
}
