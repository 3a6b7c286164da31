import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue } from '@opentelemetry/api';
import { createKeyReader, keyLineOfMetric, keyLineOfSeries } from '../../../src/group/state/keys.ts';
import {
  attributesOf,
  identityOf,
  type MetricDefinition,
  seriesKey,
  widthOf,
} from '../../../src/group/state/state.ts';
import { attributeText } from '../../../src/metric-data/attribute-text.ts';
import fc, { character } from '../../property.ts';

const text = fc.oneof(
  fc.string({ unit: character }),
  fc.constantFrom('', '"', '\\', '\n', '\r\n', ']]', '[0,[]]', '\ud800', '\u2028', '__proto__', '{}'),
);
const boundary = fc.oneof(
  fc.double({ noNaN: true }).map((n) => n + 0),
  fc.constantFrom(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
);
/** With the prototype that an object of the app's has. */
const plain = <T extends object>(each: T): T => ({ ...each });
const common = {
  scope: fc.record({ name: text, version: text, schemaUrl: text }, { requiredKeys: ['name'] }).map(plain),
  name: text,
  description: text,
  unit: text,
  integer: fc.boolean(),
};
const kind = fc.constantFrom('counter', 'upDownCounter', 'gauge', 'exponentialHistogram');
const boundaries = fc.array(boundary, { maxLength: 5 });
const definition: fc.Arbitrary<MetricDefinition> = fc
  .oneof(fc.record({ ...common, kind }), fc.record({ ...common, kind: fc.constant('histogram'), boundaries }))
  .map(plain);
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  fc.double(),
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
  fc.array(fc.double(), { maxLength: 3 }),
);
const attributes = fc.dictionary(text, value, { maxKeys: 4 });
const metric = fc.record({ definition, series: fc.array(attributes, { maxLength: 4 }) });
type Metric = typeof metric extends fc.Arbitrary<infer M> ? M : never;

const linesOf = (metrics: readonly Metric[]): string[] =>
  metrics.flatMap(({ definition, series }, number) => [
    keyLineOfMetric(definition),
    ...series.map((each) => keyLineOfSeries(number, seriesKey(each))),
  ]);

function readIn(pieces: readonly string[]) {
  const reader = createKeyReader();
  for (const piece of pieces) reader.read(piece);
  return reader;
}

/** The text, cut at these places. */
function cut(whole: string, places: readonly number[]): string[] {
  const ends = [0, ...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  return ends.slice(1).map((end, i) => whole.slice(ends[i], end));
}

test('metrics and attributes come back as they were, in pieces of any size', () => {
  const property = fc.property(
    fc.array(metric, { maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 8 }),
    (metrics, places) => {
      const reader = readIn(cut(linesOf(metrics).join(''), places));
      let offset = 0;
      const expected = metrics.map(({ definition, series }) => ({
        definition,
        identity: identityOf(definition),
        width: widthOf(definition),
        series: series.map((each) => {
          const own = { key: seriesKey(each), offset };
          offset += widthOf(definition);
          return own;
        }),
      }));
      assert.equal(reader.broken, false);
      assert.deepEqual(reader.metrics, expected);
      assert.equal(reader.length, offset);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('attributes come back from their key: strings, numbers and booleans as they are, others as strings', () => {
  const kept = (each: AttributeValue): unknown => {
    if (typeof each === 'object') return attributeText(each);
    return typeof each !== 'number' ? each : Number.isFinite(each) ? each + 0 : String(each);
  };
  const property = fc.property(attributes, (each) => {
    const expected = Object.entries(each).map(([name, own]) => [name, kept(own ?? '')]);
    assert.deepEqual(attributesOf(seriesKey(each)), Object.fromEntries(expected));
    const backwards = Object.fromEntries(Object.entries(each).reverse());
    assert.equal(seriesKey(backwards), seriesKey(each), 'whatever their order');
  });
  fc.assert(property, { numRuns: 300 });
});

const REQUESTS: MetricDefinition = {
  scope: { name: 'app' },
  name: 'requests',
  description: '',
  unit: '',
  integer: true,
  kind: 'counter',
};
const HEAD = keyLineOfMetric(REQUESTS);
const KEY = seriesKey({ route: '/é' });
const FIRST = keyLineOfSeries(0, KEY);
const SECOND = keyLineOfSeries(0, seriesKey({ route: '/b' }));
const keysOf = (reader: ReturnType<typeof createKeyReader>) =>
  reader.metrics.map(({ series }) => series.map(({ key }) => key));

test('an endless line stops the reading before its end', () => {
  const reader = readIn([HEAD, FIRST, '[0,[["route","']);
  let pieces = 0;
  for (; pieces < 1000 && !reader.broken; pieces++) reader.read('x'.repeat(100_000));
  assert.equal(pieces, 11);
  assert.equal(reader.length, widthOf(REQUESTS));
});

const changed = (change: object): string => JSON.stringify({ ...REQUESTS, ...change });
const FOREIGN: readonly (readonly [what: string, line: string])[] = [
  ['an empty one', ''],
  ['text', 'GET /metrics HTTP/1.1'],
  ['a torn series', '[0,[["route","/é'],
  ['a series of a metric that is not known', '[1,[]]'],
  ['a series of a metric below zero', '[-1,[]]'],
  ['a series with attributes that are not JSON', '[0,[["route",/]]]'],
  ['a series with a name that is no text', '[0,[[1,"/"]]]'],
  ['a series with a value that is no scalar', '[0,[["route",{}]]]'],
  ['a series with more than a name and a value', '[0,[["route","/","/"]]]'],
  ['a series with a number in no such form', '[0,[["route",01]]]'],
  ['a series of millions of characters', `[0,[["route","${'x'.repeat(2 ** 20)}"]]]`],
  ['a series with something after it', '[0,[]],[0,[]]'],
  ['a torn metric', HEAD.slice(0, 30)],
  ['a metric of an unknown kind', changed({ kind: 'summary' })],
  ['a metric without a name', changed({ name: undefined })],
  ['a metric without a scope', changed({ scope: null })],
  ['a metric with a unit that is no text', changed({ unit: 1 })],
  ['a metric with a boundary that is no number', changed({ kind: 'histogram', boundaries: ['1', 'two'] })],
  ['a counter with boundaries', changed({ boundaries: ['1'] })],
  ['a histogram without boundaries', changed({ kind: 'histogram' })],
];
for (const [what, line] of FOREIGN) {
  test(`${what} stops the reading; everything before it stays`, () => {
    const reader = readIn([HEAD, FIRST, `${line}\n`, SECOND]);
    assert.equal(reader.broken, true);
    assert.deepEqual([keysOf(reader), reader.length], [[[KEY]], widthOf(REQUESTS)]);
    reader.read(HEAD);
    assert.equal(reader.metrics.length, 1);
  });
}
