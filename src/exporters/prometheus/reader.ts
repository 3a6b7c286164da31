import { AggregationTemporality, type CollectionResult, MetricReader } from '@opentelemetry/sdk-metrics';

/**
 * A reader that collects when asked: cumulative, with the instruments' own aggregations. It equals `PrometheusExporter`
 * of `@opentelemetry/exporter-prometheus` without its server. That module imports `node:http`, which fixes the exports
 * that `import ... from 'node:http'` sees in the app before the app's own tracing has wrapped them.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#pull-metric-exporter
 */
export class PullReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }

  /** Collections that have begun, and how many of them are not over. */
  started = 0;
  running = 0;

  override async collect(options?: Parameters<MetricReader['collect']>[0]): Promise<CollectionResult> {
    this.started += 1;
    this.running += 1;
    try {
      return await super.collect(options);
    } finally {
      this.running -= 1;
    }
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {}
}
