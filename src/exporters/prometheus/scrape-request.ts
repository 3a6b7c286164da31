import type { IncomingMessage } from 'node:http';

/** What a client asks for with one scrape. */
export interface Scrape {
  /** The names of metrics in `?name[]=`; undefined asks for all. */
  readonly names: ReadonlySet<string> | undefined;
  /** How long a collection may take, in milliseconds: nine tenths of the time that the client waits, if it tells. */
  readonly timeoutMillis: number | undefined;
}

/**
 * @param headers `X-Prometheus-Scrape-Timeout-Seconds` is that of
 *   https://prometheus.io/docs/instrumenting/content_negotiation
 */
export function readScrape(query: URLSearchParams, headers: IncomingMessage['headers']): Scrape {
  const names = query.getAll('name[]');
  const seconds = Number(headers['x-prometheus-scrape-timeout-seconds']);
  return {
    names: names.length === 0 ? undefined : new Set(names),
    timeoutMillis: seconds > 0 && Number.isFinite(seconds) ? seconds * 900 : undefined,
  };
}
