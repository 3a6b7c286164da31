import type { Config } from '../../config/config.ts';

/**
 * Whether an instrumentation of the app's, which records to our provider, makes an instrument that duplicates one of
 * ours.
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
