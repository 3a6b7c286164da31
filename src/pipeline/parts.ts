import type { Config } from '../config/config.ts';

/**
 * What the pipeline is made of, one after the other: each is a file of the bundle that loads nothing but those before
 * it. To load them all takes longer than an app should have to wait for its event loop.
 */
export const PARTS = [
  './resource',
  './pipeline/aggregations',
  './views/views',
  './instruments/http/request-metrics',
  './instruments/http/engines',
  './instruments/app/meter',
  './exporters/prometheus/index',
  './pipeline/compose',
] as const;

/**
 * Whether nothing is lost if a server is measured only from its first connection on, and not from the time on when it
 * was asked to listen.
 *
 * @param port that it will listen on
 */
export function mayComeLater(config: Config, port: number | undefined): boolean {
  const { httpEngine, httpClientEnabled, fetchEnabled, queue, exporters } = config;
  const isOurs = exporters.some((exporter) => exporter.kind === 'prometheus' && exporter.port === port);
  return httpEngine === 'lean' && !httpClientEnabled && !fetchEnabled && !queue && !isOurs;
}
