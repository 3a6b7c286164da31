import type { PrometheusConfig } from '../../config.ts';
import type { Exporter, ExporterContext } from '../exporter.ts';
import { createCollect } from './collect.ts';
import { createEndpoint } from './endpoint.ts';
import { PullReader } from './reader.ts';
import { createWriter } from './writer.ts';

/** Metrics that Prometheus pulls: `GET /metrics` in the text format 0.0.4. */
export function createPrometheusExporter(config: PrometheusConfig, context: ExporterContext): Exporter {
  const { log, guard } = context;
  const reader = new PullReader();
  const endpoint = createEndpoint({
    host: config.host,
    port: config.port,
    collect: createCollect({ reader, log }),
    write: createWriter({
      labels: context.config.labels,
      warn: (key, message) => log.once(key, 'warn', message),
    }),
    log,
    guard,
  });
  return { reader, ...endpoint };
}
