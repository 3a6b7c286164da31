import type { MetricReader, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Exporter } from '../exporters/exporter.ts';

/** What a reader's collections pass through, for code that reads what it would collect in another way. */
export interface Passes {
  readonly before: (() => void)[];
  readonly after: ((metrics: ResourceMetrics) => void)[];
}

const passes = new WeakMap<MetricReader, Passes>();

export function passesOf(reader: MetricReader): Passes {
  const known = passes.get(reader) ?? { before: [], after: [] };
  passes.set(reader, known);
  return known;
}

/** Calls a function whenever a collection of a reader begins, or somebody reads what it would collect. */
export function beforeCollect(reader: MetricReader, prepare: () => void): void {
  passesOf(reader).before.push(prepare);
  atCollect(reader, prepare);
}

/** Calls a function whenever a collection of a reader begins; for what costs too much each time that somebody reads. */
export function atCollect(reader: MetricReader, prepare: () => void): void {
  const collect = reader.collect.bind(reader);
  reader.collect = (options) => {
    prepare();
    return collect(options);
  };
}

/** Has every collection of a reader pass through a function before anybody sees it. */
export function afterCollect(reader: MetricReader, pass: (metrics: ResourceMetrics) => void): void {
  passesOf(reader).after.push(pass);
  const collect = reader.collect.bind(reader);
  reader.collect = async (options) => {
    const result = await collect(options);
    pass(result.resourceMetrics);
    return result;
  };
}

/**
 * The SDK keeps what one reader has not collected yet apart for it, collection after collection of the others: a
 * Prometheus endpoint that nobody scrapes would grow for as long as another exporter pushes.
 */
export function drainUnreadReaders(exporters: readonly Exporter[]): () => void {
  const pulled = exporters.filter((exporter) => exporter.pulled);
  const timer = setInterval(() => {
    for (const { reader } of pulled) reader.collect().catch(() => undefined);
  }, 300_000).unref();
  return () => clearInterval(timer);
}
