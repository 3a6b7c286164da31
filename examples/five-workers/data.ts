/** What one run found. */

export const ROUTES = ['/products/:id', '/users/:user/orders'] as const;
export type Route = (typeof ROUTES)[number];

export interface HalfData {
  /** Requests that clients had made, each second from 0 on. */
  readonly clients: Readonly<Record<Route, readonly number[]>>;
  /** What Prometheus has of the counter at the same seconds; null where it has nothing. */
  readonly scraped: Readonly<Record<Route, readonly (number | null)[]>>;
  /** Requests that clients made between the first and the last scrape. */
  readonly made: number;
  /** The same by `increase()`, as Prometheus computes it. */
  readonly increase: number;
  /** Requests per second by `rate()`, while there was traffic. */
  readonly rate: { readonly lowest: number; readonly highest: number };
}

export interface Data {
  readonly scrapeIntervalSeconds: number;
  /** Seconds of traffic. */
  readonly seconds: number;
  /** Seconds from the start to the SIGKILL. */
  readonly killedAt: number;
  readonly official: HalfData;
  readonly routemeter: HalfData;
}
