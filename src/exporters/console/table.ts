import type {
  DataPoint,
  ExponentialHistogram,
  Histogram,
  MetricData,
  ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { attributeText } from '../../metric-data/attribute-text.ts';
import { hasHistograms, hasNumbers } from '../../metric-data/kind.ts';
import { merged, type Spread, spreadOf } from '../../metric-data/spread.ts';

const ROUTE_METRIC = 'http.server.request.duration';

/** One table; the columns in `left` are text, the others are numbers. */
interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly left: ReadonlySet<number>;
}

/**
 * Formats the collected metrics as two tables: requests per route, then everything else by name.
 * Quantiles are estimated from buckets; durations are in milliseconds.
 *
 * @returns whole lines, or '' if nothing was recorded
 */
export function consoleTable(metrics: ResourceMetrics): string {
  const all = metrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const routes = all.filter((metric) => metric.descriptor.name === ROUTE_METRIC);
  const others = all.filter((metric) => metric.descriptor.name !== ROUTE_METRIC);
  return [routeTable(routes), otherTable(others)]
    .filter((table) => table.rows.length > 0)
    .map((table) => `${render(table)}\n`)
    .join('');
}

function routeTable(metrics: readonly MetricData[]): Table {
  const spreads = new Map<string, { readonly cells: readonly string[]; readonly spread: Spread }>();
  for (const point of metrics.flatMap(histogramPoints)) {
    const text = (name: string) => visible(point.attributes[name] ?? '-');
    const status = point.attributes['http.response.status_code'] ?? point.attributes['error.type'] ?? '-';
    const cells = [text('http.request.method'), text('http.route'), visible(status)];
    const key = JSON.stringify(cells);
    const before = spreads.get(key)?.spread;
    const spread = spreadOf(point.value);
    spreads.set(key, { cells, spread: before ? merged(before, spread) : spread });
  }
  const rows = [...spreads.values()]
    .sort((a, b) => b.spread.count - a.spread.count)
    .map(({ cells, spread }) => [
      ...cells,
      String(spread.count),
      ...[spread.mean, ...[0.5, 0.95, 0.99].map(spread.quantile)].map((value) => millis(value)),
    ]);
  return {
    head: ['method', 'route', 'status', 'count', 'mean ms', 'p50 ms', 'p95 ms', 'p99 ms'],
    rows,
    left: new Set([0, 1, 2]),
  };
}

function otherTable(metrics: readonly MetricData[]): Table {
  const rows = metrics.flatMap((metric) =>
    pointsOf(metric).map(({ attributes, value }) => [
      visible(metric.descriptor.name),
      value,
      visible(metric.descriptor.unit),
      Object.entries(attributes)
        .map(([name, content]) => `${visible(name)}=${visible(content)}`)
        .join(' '),
    ]),
  );
  rows.sort(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)));
  return { head: ['metric', 'value', 'unit', 'attributes'], rows, left: new Set([0, 2, 3]) };
}

function pointsOf(metric: MetricData): { attributes: DataPoint<unknown>['attributes']; value: string }[] {
  if (hasNumbers(metric)) {
    return metric.dataPoints.map(({ attributes, value }) => ({ attributes, value: short(value) }));
  }
  return histogramPoints(metric).map(({ attributes, value }) => {
    const { count, mean, quantile } = spreadOf(value);
    const [p50 = Number.NaN, p99 = Number.NaN] = [0.5, 0.99].map(quantile);
    return {
      attributes,
      value: `count ${count} mean ${short(mean)} p50 ${short(p50)} p99 ${short(p99)}`,
    };
  });
}

function histogramPoints(metric: MetricData): readonly DataPoint<Histogram | ExponentialHistogram>[] {
  return hasHistograms(metric) ? metric.dataPoints : [];
}

function render({ head, rows, left }: Table): string {
  const widths = head.map((name, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), name.length),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return left.has(column) ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Shows `-` for an unknown quantile: one in an unbounded bucket of a histogram without a maximum. */
function millis(seconds: number): string {
  return Number.isFinite(seconds) ? (seconds * 1000).toFixed(1) : '-';
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** Escapes control, line and direction characters: a value must not draw on the terminal. */
function visible(value: unknown): string {
  return attributeText(value).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
