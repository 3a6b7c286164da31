import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GaugeAggregation, GaugeRule } from '../../src/config/types.ts';
import { createGaugeAggregation } from '../../src/views/gauge-aggregation.ts';

const DECLARED = new Map<string, GaugeAggregation>([['our.delay', 'max']]);
const GENERAL: GaugeRule = { instrument: '*', aggregation: 'process' };
const OURS: GaugeRule = { instrument: 'our.*', aggregation: 'min' };
const QUEUE: GaugeRule = { instrument: 'queue.length', aggregation: 'newest' };
const QUEUES: GaugeRule = { instrument: 'queue.*', aggregation: 'min' };

const CASES: readonly [
  what: string,
  name: string,
  rules: readonly GaugeRule[],
  expected: GaugeAggregation,
][] = [
  ['the sum where nothing is said', 'queue.length', [], 'sum'],
  ['what is declared', 'our.delay', [], 'max'],
  ['a rule that names it before what is declared', 'our.delay', [OURS], 'min'],
  ['what is declared before the rule for all', 'our.delay', [GENERAL], 'max'],
  ['the rule for all', 'queue.length', [GENERAL], 'process'],
  [
    'a rule that names it before the rule for all, in either order',
    'queue.length',
    [GENERAL, QUEUE],
    'newest',
  ],
  ['a rule that names it before the rule for all', 'queue.length', [QUEUE, GENERAL], 'newest'],
  ['the first of two rules that name it', 'queue.length', [QUEUE, QUEUES], 'newest'],
  ['the first of two rules that name it, however loosely', 'queue.length', [QUEUES, QUEUE], 'min'],
  ['no rule that names another', 'queue.age', [QUEUE], 'sum'],
  ['no rule for a name that an object has', 'constructor', [QUEUE], 'sum'],
];

describe('a gauge over the processes of a group is', () => {
  for (const [what, name, rules, expected] of CASES) {
    test(what, () => assert.equal(createGaugeAggregation(rules, DECLARED)(name), expected));
  }
});
