import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { attributeText } from '../../../../src/metric-data/attribute-text.ts';
import { familyName } from '../../../../src/metric-data/names.ts';
import fc, { character } from '../../../property.ts';
import { collected, counter, gauge, histogram, textWriter, upDownCounter } from '../metrics.ts';
import { parse } from '../parser.ts';

// `binary` makes lone surrogates as well.
const text = fc.oneof(
  fc.string({ unit: character, maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom('\uD800', '\uDC00', '\\', '"', '\n', '\0', '\r', '{', '}', ',', '=', 'é', 'a'),
  }),
);
const value = fc.oneof(
  text,
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, ''),
  fc.array(fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)), { maxLength: 3 }),
  fc.uint8Array({ maxLength: 4 }),
  fc.dictionary(text, fc.oneof(text, fc.bigInt()), { maxKeys: 2 }),
);
const key = fc.oneof(fc.constantFrom('a', 'a.b', 'a_b', 'le', 'otel_scope_name', '__name__', '9', ''), text);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(key, value, { maxKeys: 4 });
const name = fc.oneof(
  fc.constantFrom('a', 'a.b', 'a_b', 'a.total', 'a.count', 'a.sum', 'a.bucket', 'target.info'),
  text,
);
const unit = fc.oneof(fc.constantFrom('', '1', 's', 'By/s', '{x}', 'total', 'count'), text);
const descriptor = fc.record({ unit, description: text });
const number = fc.oneof(fc.integer(), fc.double());

function points<Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<(readonly [Attributes, Value])[]> {
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
const metrics: fc.Arbitrary<MetricData[]> = fc.array(fc.oneof(numbers, histograms), { maxLength: 6 });
const labels = fc.dictionary(key, text, { maxKeys: 2 });

function written(...args: Parameters<typeof collected>) {
  return parse(textWriter()(collected(...args)).text);
}

test('whatever is collected, the text has one family per name and each series once', () => {
  fc.assert(
    fc.property(metrics, metrics, attributes, labels, (first, second, resource, defaults) => {
      const write = textWriter({ labels: defaults });
      const all = collected(
        [
          [{ name: 'app' }, first],
          [{ name: 'lib', version: '1' }, second],
        ],
        resource,
      );
      const { text } = write(all);
      parse(text);
      assert.equal(Buffer.from(text).toString(), text);
      assert.equal(write(all).text, text, 'a second scrape is the same');
    }),
    { numRuns: 500 },
  );
});

test('whatever the names and attributes, no count is lost', () => {
  const counters = fc.array(fc.tuple(name, points(fc.nat(1e6)), descriptor), { maxLength: 5 });
  fc.assert(
    fc.property(counters, (of) => {
      const families = written([[{ name: 'app' }, of.map((args) => counter(...args))]]);
      const expected = new Map<string, number>();
      for (const [called, each, described] of of) {
        const family = familyName(called, described.unit, 'counter');
        if (family === undefined || each.length === 0) continue;
        const sum = each.reduce((all, [, count]) => all + count, 0);
        expected.set(family, (expected.get(family) ?? 0) + sum);
      }
      const actual = [...families].map(
        ([family, { samples }]) => [family, samples.reduce((all, sample) => all + sample.value, 0)] as const,
      );
      assert.deepEqual(new Map(actual), expected);
    }),
    { numRuns: 500 },
  );
});

test('whatever the values, labels, help and numbers read back as they were', () => {
  const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), number, text, (values, observed, description) => {
      const series = Object.fromEntries(values.map((each, i) => [`key.${i}`, each]));
      const family = written([[{ name: 'app' }, [gauge('g', [[series, observed]], { description })]]]).get(
        'g',
      );
      const expected = values
        .map((each, i) => [`key_${i}`, wellFormed(attributeText(each))] as const)
        .filter(([, each]) => each !== '');
      assert.deepEqual([...(family?.samples[0]?.labels ?? [])], expected);
      assert.equal(family?.samples[0]?.value, observed === 0 ? 0 : observed);
      assert.equal(
        family.help,
        description.trim() === '' ? 'OpenTelemetry instrument g.' : wellFormed(description),
      );
    }),
    { numRuns: 500 },
  );
});
