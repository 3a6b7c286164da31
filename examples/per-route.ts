/** What a Prometheus text exposition contains about each route. */

export interface RouteFigures {
  readonly method: string;
  readonly route: string;
  requests: number;
  /** Requests answered with 500 to 599, or not at all. */
  errors: number;
  /** Upper bound in seconds to cumulative count. */
  readonly buckets: Map<number, number>;
}

const SAMPLE = /^http_server_request_duration_seconds_(bucket|count)\{(.*)\} (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** @param exposition the body of `/metrics` */
export function perRoute(exposition: string): RouteFigures[] {
  const figures = new Map<string, RouteFigures>();
  for (const line of exposition.split('\n')) {
    const [, kind, text = '', value] = line.match(SAMPLE) ?? [];
    if (kind === undefined) continue;
    const labels = Object.fromEntries(
      [...text.matchAll(LABEL)].map(([, key = '', label = '']) => [key, label]),
    );
    const method = labels.http_request_method ?? '';
    const route = labels.http_route ?? '(no route)';
    const key = `${method} ${route}`;
    const figure = figures.get(key) ?? { method, route, requests: 0, errors: 0, buckets: new Map() };
    figures.set(key, figure);
    if (kind === 'count') {
      figure.requests += Number(value);
      if (labels.http_response_status_code?.startsWith('5')) figure.errors += Number(value);
    } else {
      const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
      figure.buckets.set(bound, (figure.buckets.get(bound) ?? 0) + Number(value));
    }
  }
  return [...figures.values()].sort((a, b) => b.requests - a.requests);
}

/** The quantile in seconds, linear within its bucket, as Prometheus' histogram_quantile has it. */
export function quantile(q: number, buckets: ReadonlyMap<number, number>): number {
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const rank = q * (sorted.at(-1)?.[1] ?? 0);
  let [lower, below] = [0, 0];
  for (const [bound, count] of sorted) {
    if (count >= rank && count > below) {
      if (bound === Number.POSITIVE_INFINITY) return lower;
      return lower + ((bound - lower) * (rank - below)) / (count - below);
    }
    [lower, below] = [bound, count];
  }
  return Number.NaN;
}

/** Rows aligned for a terminal. */
export function table(figures: readonly RouteFigures[]): string {
  const millis = (seconds: number): string => `${(seconds * 1000).toFixed(1)} ms`;
  const rows = figures.map(({ method, route, requests, errors, buckets }) => [
    `${method} ${route}`,
    String(requests),
    `${((100 * errors) / requests).toFixed(1)} %`,
    ...[0.5, 0.95, 0.99].map((q) => millis(quantile(q, buckets))),
  ]);
  const all = [['route', 'requests', 'errors', 'p50', 'p95', 'p99'], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
