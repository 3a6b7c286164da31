import { type Attributes, type Meter, ValueType } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { OtlpConfig } from '../../config/config.ts';
import type { Guard } from '../../guest/guard.ts';
import { failureType } from './failure.ts';

/**
 * `otel.sdk.exporter.metric_data_point.exported` (counter): without `error.type`, the data points that the backend
 * accepted.
 * https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/#metric-otelsdkexportermetric_data_pointexported
 */
export function createExported({ url, protocol }: Pick<OtlpConfig, 'url' | 'protocol'>) {
  const component = protocol === 'http/json' ? 'otlp_http_json_metric_exporter' : 'otlp_http_metric_exporter';
  const { hostname, port, protocol: scheme } = new URL(url);
  const attributes: Attributes = {
    'otel.component.name': `${component}/0`,
    'otel.component.type': component,
    'server.address': hostname.replace(/^\[|\]$/g, ''),
    'server.port': Number(port) || (scheme === 'https:' ? 443 : 80),
  };
  let taken = 0;
  const failed = new Map<string, number>();
  const fail = (type: string, dataPoints: number): void => {
    if (dataPoints > 0) failed.set(type, (failed.get(type) ?? 0) + dataPoints);
  };
  let underWay = 0;
  return {
    /** An export starts. */
    begin: (metrics: ResourceMetrics): void => {
      underWay = dataPointsOf(metrics);
    },
    /** Reports data points that the backend rejected from an export that it accepted. */
    rejected: (dataPoints: number): void => {
      const rejected = Math.min(dataPoints, underWay);
      underWay -= rejected;
      fail('rejected', rejected);
    },
    /** The export is over; has no effect if none is under way. */
    end: (error?: unknown): void => {
      if (error === undefined) taken += underWay;
      else fail(failureType(error), underWay);
      underWay = 0;
    },
    instrument(meter: Meter, guard: Guard): void {
      meter
        .createObservableCounter('otel.sdk.exporter.metric_data_point.exported', {
          unit: '{data_point}',
          description:
            'The number of metric data points for which the export has finished, either successful or failed.',
          valueType: ValueType.INT,
        })
        .addCallback(
          guard('observable', (observation) => {
            observation.observe(taken, attributes);
            for (const [type, count] of failed)
              observation.observe(count, { ...attributes, 'error.type': type });
          }),
        );
    },
  };
}

function dataPointsOf({ scopeMetrics }: ResourceMetrics): number {
  let count = 0;
  for (const { metrics } of scopeMetrics) for (const { dataPoints } of metrics) count += dataPoints.length;
  return count;
}
