import {
  type AggregationOption,
  AggregationTemporality,
  AggregationType,
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

function pointsOf({ descriptor: { name }, dataPoints }: MetricData): Point[] {
  return dataPoints.map(({ attributes, value }) => ({
    name,
    attributes,
    value: typeof value === 'number' ? value : value.count,
    boundaries: typeof value === 'object' && 'buckets' in value ? value.buckets.boundaries : undefined,
  }));
}
