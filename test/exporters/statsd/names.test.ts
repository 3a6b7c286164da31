import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import { scaleOf } from '../../../src/exporters/statsd/names.ts';
import { counter } from '../prometheus/metrics.ts';
import { type Given, linesOf } from './lines.ts';

type Case = readonly [what: string, name: string, attributes: Attributes, expected: string, given?: Given];

const PARTS: readonly Case[] = [
  ['the instrument’s name', 'db.rows', {}, 'db.rows'],
  ['keys sorted, each with its value', 'a', { z: 1, b: true }, 'a.b.true.z.1'],
  ['those in the order first, by their values', 'a', { b: 1, 'http.route': '/x' }, 'a.x.b.1'],
  ['what is missing has no part', 'a', { 'http.response.status_code': 200 }, 'a.200'],
  ['what is empty has none', 'a', { b: '', c: 'd' }, 'a.c.d'],
  ['in the order that is configured', 'a', { x: 1, y: 2, z: 3 }, 'a.2.1.z.3', { nameOrder: ['y', 'x'] }],
  ['no part for what every object has', 'a', {}, 'a', { nameOrder: ['constructor', '__proto__'] }],
  ['its own label wins', 'a', { team: 'y' }, 'a.team.y', { labels: { team: 'x' } }],
  ['dots of a value make no part', 'a', { host: 'shop.example' }, 'a.host.shop_example'],
  ['no empty part', 'a..b.', { k: 'v' }, 'a.b.k.v'],
  ['a list is its JSON', 'a', { k: ['x', 'y'] }, 'a.k.__x___y__'],
];

describe('a name without tags has', () => {
  for (const [what, name, attributes, expected, given] of PARTS) {
    test(what, () =>
      assert.deepEqual(linesOf('etsy', [counter(name, [[attributes, 1]])], given), [`${expected}:1|c`]),
    );
  }
});

describe('by milliseconds', () => {
  const UNITS = { s: 1000, us: 0.001, ns: 0.000001, min: 60_000, h: 3_600_000, By: 1, toString: 1 };
  for (const [unit, scale] of Object.entries(UNITS)) {
    test(`1 ${unit} is ${scale}`, () => assert.equal(scaleOf(unit, DIALECTS.etsy), scale));
  }

  test('are not used if the dialect has the instrument’s own unit', () => {
    assert.equal(scaleOf('s', DIALECTS.dogstatsd), 1);
    assert.equal(scaleOf('s', DIALECTS.telegraf), 1);
  });
});
