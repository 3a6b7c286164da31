import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { createAppAdmission } from '../../../src/views/admission/app.ts';
import { createBounds } from '../../../src/views/admission/bounds.ts';
import fc from '../../property.ts';
import { heapInUse } from '../heap.ts';
import { overflowsOf } from './overflows.ts';

function admission(limit = 1000, keep?: (name: string) => boolean) {
  const warnings: string[] = [];
  const bounds = createBounds({ limit, warn: (message) => warnings.push(message) });
  const { admit } = createAppAdmission({
    instrument: 'orders',
    bounds,
    register: (series) => series,
    ...(keep && { keep }),
  });
  return { admit, warnings, overflows: () => overflowsOf(bounds) };
}

describe('two objects are', () => {
  const same: readonly (readonly [what: string, one: unknown, other: unknown])[] = [
    ['nothing and no attributes', undefined, {}],
    ['no object at all', 'text', {}],
    ['an inherited attribute and an absent one', Object.create({ b: 2 }, own({ a: 1 })), { a: 1 }],
    ['a function and absent', { a: 1, b: () => 1 }, { a: 1 }],
    ['a big integer and its digits', { a: 12n }, { a: '12' }],
  ];
  for (const [what, one, other] of same) {
    test(`the same series: ${what}`, () => {
      const { admit } = admission();
      assert.equal(admit(one as Attributes), admit(other as Attributes));
      assert.equal(admit(one as Attributes), admit(other as Attributes), 'again');
    });
  }

  const different: readonly (readonly [one: unknown, other: unknown])[] = [
    [{ a: ['x,y'] }, { a: ['x', 'y'] }],
    [{ a: 'b","c' }, { a: 'b', c: '' }],
    [{ a: {} }, {}],
    [JSON.parse('{"__proto__":"x"}'), {}],
    [Object.create({ b: 2 }, own({ a: 1 })), { a: 1, b: 2 }],
  ];
  for (const [one, other] of different) {
    test(`different series: ${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
      const { admit } = admission();
      for (let round = 0; round < 2; round++) {
        assert.notEqual(admit(one as Attributes), admit(other as Attributes));
      }
    });
  }

  test('the same series exactly if they are the same to the SDK', () => {
    const scalar = fc.constantFrom(1, '1', true, 'true', 0, -0, null, undefined, Number.NaN, -Infinity, '');
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }));
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(object, { maxLength: 20 }), (objects) => {
        const { admit } = admission();
        const byHash = new Map<string, Attributes>();
        for (const each of [...objects, ...objects]) {
          const series = admit(each);
          const hash = sdkHash(each);
          assert.equal(byHash.get(hash) ?? series, series);
          byHash.set(hash, series);
          assert.equal(sdkHash(series), hash);
        }
        assert.equal(new Set(byHash.values()).size, byHash.size);
      }),
    );
  });
});

describe('a series', () => {
  test('does not change when the app changes its object', () => {
    const { admit } = admission();
    const mine = { user: 'a', tags: ['x'] };
    const series = admit(mine);
    mine.user = 'b';
    mine.tags.push('y');
    assert.deepEqual(series, { tags: ['x'], user: 'a' });
    assert.ok(Object.isFrozen(series) && Object.isFrozen(series.tags));
    assert.notEqual(admit(mine), series);
  });

  test('has only the attributes that are kept', () => {
    const { admit } = admission(1000, (name) => name !== 'user');
    assert.deepEqual(admit({ user: 1, kind: 'x' }), { kind: 'x' });
    assert.equal(admit({ user: 2, kind: 'x' }), admit({ kind: 'x' }));
  });

  test('drops a value that cannot be expressed', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    assert.deepEqual(admission().admit({ cycle, a: 1 }), { a: 1 });
  });
});

describe('at the limit', () => {
  test('new series are counted as overflow, the limit included, with one warning', () => {
    const { admit, warnings } = admission(10);
    const all = Array.from({ length: 100 }, (_, i) => admit({ kind: i % 2, user: i }));
    assert.equal(new Set(all).size, 10);
    assert.deepEqual(all[9], { 'otel.metric.overflow': true });
    assert.deepEqual(admission(1).admit({}), all[9], 'a limit of one leaves only that');
    assert.equal(admit({ user: 5, kind: 1 }), all[5], 'a known series in another order');
    assert.equal(admit({ 'otel.metric.overflow': true }), all[9], 'the app says overflow itself');
    // It names the instrument, the attribute with the most values and the setting.
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /^orders .*user alone has 9 values.*ROUTEMETER_CARDINALITY_LIMIT=10$/);
  });

  test('each measurement that counts as overflow is counted under the attribute with the most values', () => {
    const { admit, overflows } = admission(10);
    for (let i = 0; i < 9; i++) admit({ kind: i % 2, user: i });
    assert.deepEqual(overflows(), {}, 'nothing has been lost yet');
    for (const user of [9, 10, 9, 0]) admit({ kind: user % 2, user });
    admit({ 'otel.metric.overflow': true });
    assert.deepEqual(overflows(), { 'orders user': 3 });
  });

  test('every order of many attributes still reaches its series', () => {
    const { admit } = admission(2);
    const names = ['a', 'b', 'c', 'd', 'e'];
    const series = admit(Object.fromEntries(names.map((name) => [name, 1])));
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 5 }), (order) => {
        assert.equal(admit(Object.fromEntries(order.map((name) => [name, 1]))), series);
      }),
    );
  });
});

describe('memory does not grow', () => {
  const growth = (rounds: number, attributes: (i: number) => Attributes): number => {
    const { admit } = admission(100);
    const before = heapInUse();
    for (let i = 0; i < rounds; i++) admit(attributes(i));
    const grown = heapInUse() - before;
    admit({});
    return grown;
  };

  test('with series that are not admitted', () => {
    const grown = growth(30_000, (i) => ({ id: `${'x'.repeat(1000)}${i}` }));
    assert.ok(grown < 10_000_000, `${grown} bytes`);
  });

  test('with the orders of attributes of one series', () => {
    const names = Array.from('abcdefgh');
    const grown = growth(40_000, (i) => {
      const left = [...names];
      return Object.fromEntries(names.map((_, at) => [left.splice((i >> (at * 2)) % left.length, 1)[0], 1]));
    });
    assert.ok(grown < 4_000_000, `${grown} bytes`);
  });
});

function own(attributes: Attributes): PropertyDescriptorMap {
  return Object.getOwnPropertyDescriptors(attributes);
}

/** What the SDK tells series apart by, of what is present. */
function sdkHash(attributes: Attributes): string {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null);
  return JSON.stringify(present.sort(([a], [b]) => (a < b ? -1 : 1)));
}
