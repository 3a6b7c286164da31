import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import fc, { character } from '../../property.ts';
import { counter, gauge, histogram, upDownCounter } from './metrics.ts';

// `binary` makes lone surrogates as well.
export const text = fc.oneof(
  fc.string({ unit: character, maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom('\uD800', '\uDC00', '\\', '"', '\n', '\0', '\r', '{', '}', ',', '=', 'é', 'a'),
  }),
);
export const value = fc.oneof(
  text,
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, ''),
  fc.array(fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)), { maxLength: 3 }),
  fc.uint8Array({ maxLength: 4 }),
  fc.dictionary(text, fc.oneof(text, fc.bigInt()), { maxKeys: 2 }),
);
const key = fc.oneof(fc.constantFrom('a', 'a.b', 'a_b', 'le', 'otel_scope_name', '__name__', '9', ''), text);
export const attributes: fc.Arbitrary<Attributes> = fc.dictionary(key, value, { maxKeys: 4 });
export const name = fc.oneof(
  fc.constantFrom('a', 'a.b', 'a_b', 'a.total', 'a.count', 'a.sum', 'a.bucket', 'target.info'),
  text,
);
const unit = fc.oneof(fc.constantFrom('', '1', 's', 'By/s', '{x}', 'total', 'count'), text);
export const descriptor = fc.record({ unit, description: text });
export const number = fc.oneof(fc.integer(), fc.double());

export function points<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<(readonly [Attributes, Value])[]> {
  return fc.array(fc.tuple(attributes, values), { maxLength: 5 });
}

const histograms = fc
  .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 4 })
  .map((bounds) => bounds.sort((a, b) => a - b))
  .chain((bounds) =>
    fc
      .tuple(
        name,
        points(fc.array(fc.nat(1000), { minLength: bounds.length + 1, maxLength: bounds.length + 1 })),
        descriptor,
      )
      .map(([called, of, described]) => histogram(called, bounds, of, described)),
  );
const numbers = fc
  .tuple(fc.constantFrom(counter, gauge, upDownCounter), name, points(number), descriptor)
  .map(([kind, called, of, described]) => kind(called, of, described));
export const metrics: fc.Arbitrary<MetricData[]> = fc.array(fc.oneof(numbers, histograms), { maxLength: 6 });
export const labels = fc.dictionary(key, text, { maxKeys: 2 });
