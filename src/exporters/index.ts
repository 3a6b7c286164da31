import type { ExporterConfig } from '../config/config.ts';
import { load } from '../guest/load.ts';
import type { Exporter, ExporterContext } from './exporter.ts';

type Create<Kind extends ExporterConfig['kind']> = (
  config: Extract<ExporterConfig, { kind: Kind }>,
  context: ExporterContext,
) => Exporter;

/** Every exporter by its name in `OTEL_METRICS_EXPORTER`; only the modules of chosen exporters are loaded. */
const EXPORTERS: { readonly [Kind in ExporterConfig['kind']]: () => Create<Kind> } = {
  prometheus: () =>
    load<typeof import('./prometheus/index.ts')>('./exporters/prometheus/index').createPrometheusExporter,
  otlp: () => load<typeof import('./otlp/index.ts')>('./exporters/otlp/index').createOtlpExporter,
  statsd: () => load<typeof import('./statsd/index.ts')>('./exporters/statsd/index').createStatsdExporter,
  console: () => load<typeof import('./console/index.ts')>('./exporters/console/index').createConsoleExporter,
};

export function createExporter(config: ExporterConfig, context: ExporterContext): Exporter {
  const create = EXPORTERS[config.kind]() as (config: ExporterConfig, context: ExporterContext) => Exporter;
  return create(config, context);
}
