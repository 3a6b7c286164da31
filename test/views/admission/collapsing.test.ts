import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { createBounds } from '../../../src/views/admission/bounds.ts';
import { createHttpAdmission, type Value } from '../../../src/views/admission/collapsing.ts';
import fc from '../../property.ts';
import { heapInUse } from '../heap.ts';
import { overflowsOf } from './overflows.ts';

const INSTRUMENT = 'http.server.request.duration';
const NAMES = ['http.request.method', 'http.route', 'http.response.status_code', 'server.address'];

function admission(limit: number, attributes: readonly string[] = NAMES) {
  const warnings: string[] = [];
  const bounds = createBounds({ limit, warn: (message) => warnings.push(message) });
  const register = (series: Attributes): Attributes => series;
  const { admit } = createHttpAdmission({
    instrument: INSTRUMENT,
    attributes,
    bounds,
    register,
    end: { forget: () => true },
  });
  return { admit, warnings, overflows: () => overflowsOf(bounds) };
}

describe('a series', () => {
  test('has the attributes that are present, is frozen and always the same object', () => {
    const { admit } = admission(100);
    const values = ['GET', '/', 200, undefined];
    const series = admit(values);
    const attributes = { 'http.request.method': 'GET', 'http.response.status_code': 200, 'http.route': '/' };
    assert.deepEqual(series, attributes);
    assert.ok(Object.isFrozen(series));
    values[1] = '/other';
    assert.notEqual(admit(values), series);
    assert.equal(admit(['GET', '/', 200, undefined]), series);
  });

  test('distinguishes a number from its text, and drops NaN', () => {
    const { admit } = admission(100);
    const of = (status: Value) => admit(['GET', '/', status, undefined]);
    assert.notEqual(of(200), of('200'));
    assert.equal(of(Number.NaN), of(undefined));
  });

  test('without any attribute there is only one', () => {
    const { admit } = admission(1, []);
    assert.deepEqual(admit([]), {});
    assert.equal(admit([]), admit([]));
  });
});

test('5,000 host names become _OTHER from 3/4 of the limit on, lose no request and leave room for routes', () => {
  const { admit } = admission(2000);
  const seen = new Map<Attributes, number>();
  const record = (...values: Value[]) => {
    const series = admit(values);
    seen.set(series, (seen.get(series) ?? 0) + 1);
    return series;
  };
  const first = record('GET', '/', 200, 'host0');
  for (let i = 1; i < 5000; i++) record('GET', '/', 200, `host${i}`);
  assert.equal(seen.size, 1501);
  const other = admit(['GET', '/', 200, 'host4999']);
  assert.deepEqual([other['server.address'], seen.get(other)], ['_OTHER', 3500]);
  assert.equal(admit(['GET', '/', 200, 'host0']), first);
  assert.equal(first['server.address'], 'host0');
  for (let i = 0; i < 10; i++) {
    const series = record('POST', `/route${i}`, 200, `late${i}`);
    const { 'http.route': route, 'server.address': address } = series;
    assert.deepEqual([route, address, seen.get(series)], [`/route${i}`, '_OTHER', 1]);
  }
});

describe('attributes are given up', () => {
  const givenUp = (warnings: readonly string[]) =>
    warnings.map((warning) => NAMES.find((name) => warning.includes(`${name} alone`)));

  test('the one with the most values first, the next at half of the remaining room', () => {
    const { admit, warnings } = admission(100);
    for (let i = 0; i < 74; i++) admit(['GET', '/', 200 + (i % 2), `host${i}`]);
    assert.deepEqual(givenUp(warnings), []);
    for (let i = 74; i < 80; i++) admit(['GET', '/', 200, `host${i}`]);
    assert.deepEqual(givenUp(warnings), ['server.address']);
    for (let i = 0; i < 11; i++) admit(['GET', `/route${i}`, 200, 'host']);
    assert.deepEqual(givenUp(warnings), ['server.address']);
    for (let i = 0; i < 11; i++) admit(['GET', `/more${i}`, 200, 'host']);
    assert.deepEqual(givenUp(warnings), ['server.address', 'http.route']);
  });

  test('among equals, the one listed first', () => {
    const { admit, warnings } = admission(100);
    for (let i = 0; i < 100; i++) admit(['GET', `/route${i}`, 200, `host${i}`]);
    assert.equal(givenUp(warnings)[0], 'http.route');
  });

  test('all of them in the end, each logged once', () => {
    const { admit, warnings } = admission(100);
    for (let i = 0; i < 5000; i++) admit([`M${i % 71}`, `/route${i % 73}`, i % 79, `host${i}`]);
    assert.deepEqual(givenUp(warnings).toSorted(), NAMES.toSorted());
    assert.deepEqual(admit(['A', '/b', 1, 'c']), {
      'http.request.method': '_OTHER',
      'http.response.status_code': '_OTHER',
      'http.route': '_OTHER',
      'server.address': '_OTHER',
    });
  });
});

test('whatever arrives, there are never more series than the limit, each has only measured values, and each that is lost is counted', () => {
  const value = fc.option(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom('a', 'b', 'c')), {
    nil: undefined,
  });
  const tuples = fc.array(fc.tuple(value, value, value), { maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), tuples, (limit, measured) => {
      const { admit, warnings, overflows } = admission(limit, ['a', 'b', 'c']);
      const byText = new Map<string, Attributes>();
      const lost = new Map<string, number>();
      const lose = (attribute: string | undefined): void => {
        const key = attribute === undefined ? INSTRUMENT : `${INSTRUMENT} ${attribute}`;
        lost.set(key, (lost.get(key) ?? 0) + 1);
      };
      for (const values of measured) {
        const series = admit(values);
        const text = JSON.stringify(series);
        assert.equal(byText.get(text) ?? series, series, 'one object a series');
        byText.set(text, series);
        const overflows = series['otel.metric.overflow'] === true;
        values.forEach((given, i) => {
          const kept = series['abc'[i] ?? ''];
          assert.ok(overflows || kept === given || (given !== undefined && kept === '_OTHER'));
          if (kept !== given) lose('abc'[i]);
        });
        if (overflows && values.every((given) => given === undefined)) lose(undefined);
      }
      if (limit > 4) assert.deepEqual(overflows(), Object.fromEntries(lost));
      assert.ok(byText.size <= limit);
      assert.ok(warnings.length <= 3);
    }),
  );
});

test('measurements that are not admitted are not remembered', () => {
  const { admit } = admission(100);
  const rounds = 30_000;
  const before = heapInUse();
  for (let i = 0; i < rounds; i++) admit(['GET', '/', 200, `${'x'.repeat(1000)}${i}`]);
  const grown = heapInUse() - before;
  assert.ok(grown < 10_000_000, `${grown} bytes for ${rounds} names of 1 kB`);
  assert.equal(admit(['GET', '/', 200, 'x'])['server.address'], '_OTHER');
});
