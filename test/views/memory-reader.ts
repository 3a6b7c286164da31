import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
  DataPointType,
  InstrumentType,
  type MetricData,
  MetricReader,
} from '@opentelemetry/sdk-metrics';

/** One collected data point, flattened. */
export interface Point {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** A sum, a last value, or a histogram's count. */
  readonly value: number;
  readonly boundaries: readonly number[] | undefined;
}

/** Collects when a test asks for it. */
export class MemoryReader extends MetricReader {
  constructor(
    temporality: AggregationTemporality = AggregationTemporality.CUMULATIVE,
    histogram: AggregationOption = { type: AggregationType.DEFAULT },
  ) {
    super({
      aggregationTemporalitySelector: () => temporality,
      aggregationSelector: (type) =>
        type === InstrumentType.HISTOGRAM ? histogram : { type: AggregationType.DEFAULT },
    });
  }

  async points(): Promise<Point[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(pointsOf));
  }

  protected async onShutdown(): Promise<void> {}

  protected async onForceFlush(): Promise<void> {}
}

function pointsOf(metric: MetricData): Point[] {
  const { name } = metric.descriptor;
  switch (metric.dataPointType) {
    case DataPointType.HISTOGRAM:
      return metric.dataPoints.map(({ attributes, value }) => ({
        name,
        attributes,
        value: value.count,
        boundaries: value.buckets.boundaries,
      }));
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return metric.dataPoints.map(({ attributes, value }) => ({
        name,
        attributes,
        value: value.count,
        boundaries: undefined,
      }));
    default:
      return metric.dataPoints.map(({ attributes, value }) => ({
        name,
        attributes,
        value,
        boundaries: undefined,
      }));
  }
}
