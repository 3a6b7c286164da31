import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { createHttpAdmission, type Value } from '../../../src/views/admission/collapsing.ts';
import fc from '../../property.ts';
import { heapInUse } from '../heap.ts';

const NAMES = ['http.request.method', 'http.route', 'http.response.status_code', 'server.address'];

function admission(limit: number, attributes: readonly string[] = NAMES) {
  const warnings: string[] = [];
  const { admit } = createHttpAdmission({
    instrument: 'http.server.request.duration',
    attributes,
    limit,
    warn: (message) => warnings.push(message),
  });
  return { admit, warnings };
}

describe('a series', () => {
  test('has the attributes that are present, and is frozen', () => {
    const { admit } = admission(100);
    const series = admit(['GET', '/', 200, undefined]);
    assert.deepEqual(series, {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/',
    });
    assert.ok(Object.isFrozen(series));
  });

  test('is always the same object', () => {
    const { admit } = admission(100);
    const values = ['GET', '/', 200, undefined];
    const series = admit(values);
    values[1] = '/other';
    assert.notEqual(admit(values), series);
    assert.equal(admit(['GET', '/', 200, undefined]), series);
  });

  test('distinguishes a number from its text', () => {
    const { admit } = admission(100);
    assert.notEqual(admit(['GET', '/', 200, undefined]), admit(['GET', '/', '200', undefined]));
  });

  test('drops NaN', () => {
    const { admit } = admission(100);
    assert.equal(admit(['GET', '/', Number.NaN, undefined]), admit(['GET', '/', undefined, undefined]));
  });

  test('without any attribute there is only one', () => {
    const { admit } = admission(1, []);
    assert.deepEqual(admit([]), {});
    assert.equal(admit([]), admit([]));
  });
});

describe('5,000 made-up host names', () => {
  const { admit, warnings } = admission(2000);
  const seen = new Map<Attributes, number>();
  const record = (...values: Value[]) => {
    const series = admit(values);
    seen.set(series, (seen.get(series) ?? 0) + 1);
    return series;
  };
  const first = record('GET', '/', 200, 'host0');
  for (let i = 1; i < 5000; i++) record('GET', '/', 200, `host${i}`);
  const hosts = new Map(seen);
  const routes = Array.from({ length: 10 }, (_, i) => record('POST', `/route${i}`, 200, `late${i}`));

  test('become _OTHER from 3/4 of the limit on', () => {
    assert.equal(hosts.size, 1501);
    const other = admit(['GET', '/', 200, 'host4999']);
    assert.equal(other['server.address'], '_OTHER');
    assert.equal(hosts.get(other), 3500);
  });

  test('leave existing series as they are', () => {
    assert.equal(admit(['GET', '/', 200, 'host0']), first);
    assert.equal(first['server.address'], 'host0');
  });

  test('leave room for 10 real routes after them', () => {
    assert.deepEqual(
      routes.map((series) => [series['http.route'], series['server.address'], seen.get(series)]),
      routes.map((_, i) => [`/route${i}`, '_OTHER', 1]),
    );
  });

  test('lose no measurement', () => {
    assert.equal(
      [...seen.values()].reduce((sum, count) => sum + count),
      5010,
    );
  });

  test('cause one warning, which names the instrument, the attribute and the setting', () => {
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /http\.server\.request\.duration .*server\.address .*_OTHER/);
    assert.match(warnings[0] ?? '', /ROUTEMETER_CARDINALITY_LIMIT=2000/);
  });
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

test('whatever arrives, there are never more series than the limit, and each has only measured values', () => {
  const value = fc.option(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom('a', 'b', 'c')), {
    nil: undefined,
  });
  const tuples = fc.array(fc.tuple(value, value, value), { maxLength: 400 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), tuples, (limit, measured) => {
      const { admit, warnings } = admission(limit, ['a', 'b', 'c']);
      const byText = new Map<string, Attributes>();
      for (const values of measured) {
        const series = admit(values);
        const text = JSON.stringify(series);
        assert.equal(byText.get(text) ?? series, series, 'one object a series');
        byText.set(text, series);
        if (series['otel.metric.overflow'] === true) continue;
        values.forEach((given, i) => {
          const kept = series['abc'[i] ?? ''];
          assert.ok(kept === given || (given !== undefined && kept === '_OTHER'));
        });
      }
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
