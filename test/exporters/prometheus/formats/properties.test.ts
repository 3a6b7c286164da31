import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributeText } from '../../../../src/metric-data/attribute-text.ts';
import { familyName } from '../../../../src/metric-data/names.ts';
import fc from '../../../property.ts';
import { attributes, descriptor, labels, metrics, name, number, points, text, value } from '../arbitrary.ts';
import { collected, counter, gauge, textWriter } from '../metrics.ts';
import { parse } from '../parser.ts';

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
