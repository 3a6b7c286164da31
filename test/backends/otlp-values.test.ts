/** What JSON has no numbers for: a Collector takes it, and all that comes beside it, in both encodings. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createOtlpExporter } from '../../src/exporters/otlp/index.ts';
import { createCollections } from '../../src/instruments/app/collections.ts';
import { createAppMeterProvider } from '../../src/instruments/app/meter.ts';
import { createBounds } from '../../src/views/admission/bounds.ts';
import { MISTAKES, recordExtremes } from '../exporters/otlp/extremes.ts';
import { otlpConfig, recordedContext } from '../exporters/push-context.ts';
import { until } from '../until.ts';
import { missing } from './needed.ts';
import { startCollector } from './otel-collector.ts';

/** By the names of its Prometheus exporter. */
const EXPECTED = {
  beside_total: 1,
  gauge_nan: Number.NaN,
  gauge_infinite: Number.POSITIVE_INFINITY,
  gauge_minus_infinite: Number.NEGATIVE_INFINITY,
  gauge_minus_zero: 0,
  observed_nan: Number.NaN,
  gauge_huge: 1.5e300,
  integer_beyond_int64: 2 ** 63,
  integer_below_int64: -(2 ** 63) - 2048,
  integer_largest_safe: Number.MAX_SAFE_INTEGER,
  integer_unsafe: 2 ** 62,
  many_total: 1e22,
  attribute_nan_total: 1,
  attribute_huge_total: 1,
  surrogates_total: 1,
  nested_total: 1,
  long_total: 1,
};

describe('a Collector takes every number', { skip: missing('otel-collector') }, () => {
  for (const protocol of ['http/json', 'http/protobuf'] as const) {
    for (const histogramAggregation of [
      'explicit_bucket_histogram',
      'base2_exponential_bucket_histogram',
    ] as const) {
      it(`${protocol}, ${histogramAggregation}`, async () => {
        await using collector = await startCollector({
          env: { BACKEND_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
        });
        const context = recordedContext();
        const config = otlpConfig(`${collector.otlpUrl}/v1/metrics`, { protocol, histogramAggregation });
        const exporter = createOtlpExporter(config, context);
        const sdk = new MeterProvider({
          readers: [exporter.reader],
          resource: resourceFromAttributes({ 'service.name': 'shop', owner: 'half \ud800' }),
        });
        const app = createAppMeterProvider({
          sdk: () => sdk,
          collections: createCollections(),
          config: { attributes: [], buckets: [] },
          bounds: createBounds({ limit: 2000, warn: (message) => context.log.warn(message) }),
          guard: context.guard,
          log: context.log,
          onInstrument() {},
          drop: () => false,
        });
        await exporter.open();
        const meter = app.provider.getMeter('app');
        meter.createCounter('beside').add(1);
        // Not by the app's meters, which take no infinite measurement of a sum.
        recordExtremes(sdk.getMeter('sdk'));
        meter.createCounter('nested').add(1, MISTAKES);
        await exporter.processEnd?.flush(5000);
        await exporter.close();
        assert.deepEqual(context.lines, []);
        // It takes over one metric after the other.
        const seen = await until('the Collector has all of it', async () => {
          const metrics = await collector.metrics();
          const values = Object.keys(EXPECTED).map((name) => [name, readValue(metrics, name)] as const);
          return values.every(([, value]) => value !== undefined) && Object.fromEntries(values);
        });
        assert.deepEqual(seen, EXPECTED);
      });
    }
  }
});

/** The value of the only series of a family. */
function readValue(exposition: string, family: string): number | undefined {
  const text = new RegExp(`^${family}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(exposition)?.[1];
  return text === undefined ? undefined : Number(text.replace('Inf', 'Infinity'));
}
