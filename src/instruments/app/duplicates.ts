import type { Config } from '../../config/config.ts';

/**
 * Whether an instrument of the app's, made by an instrumentation that records to our provider, is one that is
 * measured here too: one set is enough.
 */
export function isMeasuredHere(
  scope: string,
  instrument: string,
  config: Pick<Config, 'httpEnabled' | 'httpClientEnabled' | 'fetchEnabled' | 'runtimeEnabled'>,
): boolean {
  const is = (from: string, prefix: string): boolean =>
    scope === `@opentelemetry/instrumentation-${from}` && instrument.startsWith(prefix);
  return (
    (config.httpEnabled && is('http', 'http.server.')) ||
    (config.httpClientEnabled && is('http', 'http.client.')) ||
    (config.fetchEnabled && is('undici', 'http.client.')) ||
    (config.runtimeEnabled && isRuntimeMetric(scope, instrument))
  );
}

function isRuntimeMetric(scope: string, instrument: string): boolean {
  return (
    (scope === '@opentelemetry/instrumentation-runtime-node' && /^(nodejs|v8js)\./.test(instrument)) ||
    (scope === '@opentelemetry/host-metrics' && /^process\.(cpu\.time|memory\.usage)$/.test(instrument))
  );
}
