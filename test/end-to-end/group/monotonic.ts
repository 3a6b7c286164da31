import { setTimeout as delay } from 'node:timers/promises';
import { LONG } from '../../length.ts';
import type { Pause } from './ledger.ts';
import { type Scrape, scrape } from './scrape.ts';

/** Milliseconds in which another process takes over when the owner of the port is gone; the short run is no judge of it. */
const TAKEOVER_MILLIS = LONG ? 2000 : 15_000;
/** Milliseconds that a scrape may take, after which it is tried again. */
const PATIENCE_MILLIS = 1000;

export interface Watch {
  /** The first thing that was wrong. */
  readonly failure: Error | undefined;
  readonly scrapes: number;
  /** Milliseconds between two scrapes, less the time for which the owner was stopped. */
  readonly longestGap: number;
  end(): Promise<void>;
}

/**
 * Scrapes again and again: no counter, bucket or sum may ever go down or vanish, and some process has to serve.
 *
 * @param pauses in which processes were stopped so far; an owner keeps the port all the while
 */
export function watchTotals(endpoint: string, pauses: () => readonly Pause[]): Watch {
  const highest = new Map<string, number>();
  let failure: Error | undefined;
  let scrapes = 0;
  let longestGap = 0;
  let last = performance.now();
  let ended = false;

  const checkGap = (): void => {
    const now = performance.now();
    let gap = now - last;
    for (const { from, to, owner } of pauses()) {
      const overlap = Math.min(to, now) - Math.max(from, last);
      // A scrape that is not answered is given up only later.
      if (owner && overlap > 0) gap -= overlap + PATIENCE_MILLIS;
    }
    longestGap = Math.max(longestGap, gap);
    if (gap > TAKEOVER_MILLIS) failure ??= new Error(`nobody served for ${Math.round(gap)} ms`);
  };

  const check = (scraped: Scrape): void => {
    const seen = totalsOf(scraped);
    for (const [series, before] of highest) {
      const value = seen.get(series);
      if (value === undefined) failure ??= new Error(`${series} was ${before} and vanished`);
      else if (value < before) failure ??= new Error(`${series} went down from ${before} to ${value}`);
    }
    for (const [series, value] of seen) highest.set(series, value);
  };

  const run = async (): Promise<void> => {
    while (!ended && failure === undefined) {
      try {
        const scraped = await scrape(endpoint, PATIENCE_MILLIS);
        scrapes += 1;
        checkGap();
        last = performance.now();
        check(scraped);
      } catch {
        checkGap();
      }
      await delay(30);
    }
  };
  const running = run();
  return {
    get failure() {
      return failure;
    },
    get scrapes() {
      return scrapes;
    },
    get longestGap() {
      return longestGap;
    },
    async end() {
      ended = true;
      await running;
    },
  };
}

/** All that only ever grows, by name and labels. */
function totalsOf({ families }: Scrape): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { type, samples } of families.values()) {
    if (type === 'gauge') continue;
    for (const { name, labels, value } of samples) totals.set(JSON.stringify([name, ...labels]), value);
  }
  return totals;
}
