import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/**
 * What an instrument of the data model is: https://opentelemetry.io/docs/specs/otel/metrics/data-model/#metric-points
 */
export type Kind = 'counter' | 'upDownCounter' | 'gauge' | 'histogram' | 'exponentialHistogram';

type Of<Type extends DataPointType> = Extract<MetricData, { dataPointType: Type }>;
export type NumberData = Of<DataPointType.SUM> | Of<DataPointType.GAUGE>;
export type HistogramData = Of<DataPointType.HISTOGRAM>;
export type ExponentialHistogramData = Of<DataPointType.EXPONENTIAL_HISTOGRAM>;

/** Both histograms are made by one instrument: how it aggregates is up to the reader. */
export type InstrumentKind = Exclude<Kind, 'exponentialHistogram'>;

export function kindOf(metric: MetricData): Kind {
  switch (metric.dataPointType) {
    case DataPointType.SUM:
      return metric.isMonotonic ? 'counter' : 'upDownCounter';
    case DataPointType.GAUGE:
      return 'gauge';
    case DataPointType.HISTOGRAM:
      return 'histogram';
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return 'exponentialHistogram';
  }
}

export function instrumentKindOf(metric: MetricData): InstrumentKind {
  const kind = kindOf(metric);
  return kind === 'exponentialHistogram' ? 'histogram' : kind;
}

/** Whether its value describes a moment, as that of a gauge or an up-down counter does. */
export function isMomentary(metric: MetricData): boolean {
  const kind = kindOf(metric);
  return kind === 'gauge' || kind === 'upDownCounter';
}

export function hasNumbers(metric: MetricData): metric is NumberData {
  return metric.dataPointType === DataPointType.SUM || metric.dataPointType === DataPointType.GAUGE;
}

export function hasHistograms(metric: MetricData): metric is HistogramData | ExponentialHistogramData {
  return !hasNumbers(metric);
}
