import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InstrumentType } from '@opentelemetry/sdk-metrics';
import type { BucketRule } from '../../src/config/types.ts';
import { boundariesFor, createViews } from '../../src/views/views.ts';
import { otlpConfig } from '../exporters/push-context.ts';

const SEMCONV = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const CPU = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const HTTP = 'http.server.request.duration';
const ALL: BucketRule = { instrument: '*', boundaries: [1, 2] };
const SERVER: BucketRule = { instrument: 'http.server.*', boundaries: [3, 4] };
const DB: BucketRule = { instrument: 'db.query', boundaries: [5, 6] };

type Case = readonly [
  what: string,
  name: string,
  unit: string,
  advised: readonly number[] | undefined,
  rules: readonly BucketRule[],
  expected: readonly number[] | undefined,
];
const CASES: readonly Case[] = [
  ['the conventions for HTTP', HTTP, 's', undefined, [], SEMCONV],
  ['the conventions for HTTP without a unit', HTTP, '', undefined, [], SEMCONV],
  ['the conventions for any duration in seconds', 'db.query', 's', undefined, [], SEMCONV],
  ['finer ones for the time on the thread', 'http.server.request.cpu.duration', 's', undefined, [], CPU],
  ['finer ones for the time on the thread of a part', 'db.query.cpu', 's', undefined, [], CPU],
  ['the conventions for what only sounds like it', 'db.cpus', 's', undefined, [], SEMCONV],
  ['the general rule for the time on the thread', 'db.query.cpu', 's', undefined, [ALL], [1, 2]],
  ['advice', 'db.query', 's', [9], [], [9]],
  ['empty advice: one bucket', 'db.query', 's', [], [], []],
  ['the general rule before advice', 'db.query', 's', [9], [ALL], [1, 2]],
  ['advice where the general rule does not apply', 'db.query', 'ms', [9], [ALL], [9]],
  ['the SDK default where the general rule does not apply', 'db.query', 'By', undefined, [ALL], undefined],
  ['a rule by name before the general one', HTTP, 's', undefined, [ALL, SERVER], [3, 4]],
  ['a rule by name whatever the unit', 'db.query', 'By', [9], [DB], [5, 6]],
];

describe('boundaries', () => {
  for (const [what, name, unit, advised, rules, expected] of CASES) {
    test(what, () => assert.deepEqual(boundariesFor(name, unit, advised, rules), expected));
  }
});

describe('views', () => {
  test('are a single one for all instruments, with a limit above ours', () => {
    const exporters = [otlpConfig('http://localhost')];
    assert.deepEqual(createViews({ exporters, cardinalityLimit: 500 }), [
      { instrumentName: '*', aggregationCardinalityLimit: 501 },
    ]);
  });

  test('leave histograms to each reader if OTLP wants exponential ones', () => {
    const histogramAggregation = 'base2_exponential_bucket_histogram';
    const exporters = [otlpConfig('http://localhost', { histogramAggregation })];
    const views = createViews({ exporters, cardinalityLimit: 500 });
    const types = Object.values(InstrumentType).filter((type) => type !== InstrumentType.HISTOGRAM);
    assert.deepEqual(
      views,
      types.map((instrumentType) => ({ instrumentType, aggregationCardinalityLimit: 501 })),
    );
  });
});
