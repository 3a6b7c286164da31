import type { Config } from '../config.ts';

/**
 * Whether an instrument of the app's, made by an instrumentation that records to our provider, is one that is
 * measured here too: one set is enough.
 */
export function isMeasuredHere(
  scope: string,
  instrument: string,
  { httpEnabled, runtimeEnabled }: Pick<Config, 'httpEnabled' | 'runtimeEnabled'>,
): boolean {
  return (
    (httpEnabled &&
      scope === '@opentelemetry/instrumentation-http' &&
      instrument.startsWith('http.server.')) ||
    (runtimeEnabled && isRuntimeMetric(scope, instrument))
  );
}

function isRuntimeMetric(scope: string, instrument: string): boolean {
  return (
    (scope === '@opentelemetry/instrumentation-runtime-node' && /^(nodejs|v8js)\./.test(instrument)) ||
    (scope === '@opentelemetry/host-metrics' && /^process\.(cpu\.time|memory\.usage)$/.test(instrument))
  );
}
