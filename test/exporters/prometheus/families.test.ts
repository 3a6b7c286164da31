import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createNoopMeter } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { createFamilies } from '../../../src/exporters/prometheus/families.ts';
import { UNDERSCORES } from '../../../src/exporters/prometheus/naming.ts';
import { createMadeInstruments } from '../../../src/views/made-instruments.ts';
import {
  collected,
  counter,
  exponentialHistogram,
  gauge,
  histogram,
  sampleLines,
  textWriter,
} from './metrics.ts';
import { parse } from './parser.ts';

const app = { name: 'app' };
const other = { name: 'other', version: '2' };
const ONE = [[{}, 1]] as const;
const aGauge = gauge('a', ONE);
const aHistogram = histogram('a', [1], [[{}, [1, 1]]]);

const leftOut: readonly (readonly [first: MetricData, second: MetricData, reason: string])[] = [
  [counter('a', ONE), gauge('a.total', ONE), 'the name a_total belongs to the counter a_total'],
  [aGauge, aHistogram, 'the name a belongs to the gauge a'],
  // Its samples have such names.
  [aHistogram, gauge('a.count', ONE), 'the name a_count belongs to the histogram a'],
  [gauge('a_sum', ONE), aHistogram, 'the name a_sum belongs to the gauge a_sum'],
  [aGauge, gauge('target.info', ONE), 'the name target_info belongs to the info target_info'],
  [aGauge, exponentialHistogram('b'), 'its text formats have no exponential histograms'],
  [aGauge, gauge('ページ', ONE), 'no character of its name can be written'],
];

for (const [first, second, reason] of leftOut) {
  test(`${second.descriptor.name} is dropped with one warning: ${reason}`, () => {
    const write = textWriter();
    const alone = textWriter()(collected([[app, [first]]])).text;
    const both = collected([
      [app, [first]],
      [other, [second]],
    ]);
    assert.equal(write(both).text, alone);
    assert.deepEqual(write(both).warnings, [
      `${second.descriptor.name} is not served to Prometheus: ${reason}`,
    ]);
  });
}

test('an instrument keeps its name and help when the scopes come in another order', () => {
  const write = textWriter();
  const mine = [app, [counter('a', ONE), gauge('b', ONE)]] as const;
  const theirs = [
    other,
    [gauge('a_total', ONE), gauge('b', [[{}, 2]], { description: 'Other help' })],
  ] as const;
  const before = write(collected([mine, theirs])).text;
  assert.match(before, /^# HELP b Help of b$/m);
  assert.equal(write(collected([theirs, mine])).text, before);
});

test('families are sorted by name, and series keep the order of the SDK', () => {
  const points = ['z', 'a'].map((k, i) => [{ k }, i] as const);
  const first = [gauge('z', points), gauge('b', points), counter('without points', [])];
  const all = collected([
    [app, first],
    [other, [gauge('a', points)]],
  ]);
  const { text } = textWriter()(all);
  assert.deepEqual([...parse(text).keys()], ['a', 'b', 'z']);
  assert.deepEqual(sampleLines(text).slice(0, 2), ['a{k="z"} 0', 'a{k="a"} 1']);
});

test('families keep what a format may need and the text format drops', () => {
  const exponential = exponentialHistogram('a.b');
  const explicit = histogram('a.b', [1], [[{}, [1, 2]]], { unit: 's', description: 'Its own help' });
  const metrics = collected([
    [app, [{ ...exponential, descriptor: explicit.descriptor }]],
    [other, [explicit]],
  ]);
  const log = { once: () => assert.fail('nothing is left out yet') };
  const [family] = createFamilies({
    log,
    naming: UNDERSCORES,
    instruments: createMadeInstruments(),
    reserved: [],
  })(metrics);
  assert.deepEqual(family, {
    name: 'a_b_seconds',
    type: 'histogram',
    help: 'Its own help',
    numbers: [],
    exponentialHistograms: [
      { scope: app, descriptor: explicit.descriptor, additive: true, points: exponential.dataPoints },
    ],
    histograms: [
      { scope: other, descriptor: explicit.descriptor, additive: true, points: explicit.dataPoints },
    ],
  });
  const { text, warnings } = textWriter()(metrics);
  assert.match(text, /^a_b_seconds_count 3$/m);
  assert.equal(warnings.length, 1);
});

describe('a name that two instruments have', () => {
  /** A process that has made these, each in a scope of its own. */
  type Made = 'createGauge' | 'createCounter' | 'createHistogram';
  const made = (kinds: readonly Made[], description = '') => {
    const instruments = createMadeInstruments();
    const provider = instruments.note({ getMeter: () => createNoopMeter() });
    for (const [i, kind] of kinds.entries()) {
      const name = kind === 'createCounter' ? 'jobs' : 'jobs.total';
      provider.getMeter(`scope ${i}`)[kind](name, { description });
    }
    return instruments;
  };
  const parts = {
    createGauge: gauge('jobs.total', ONE),
    createCounter: counter('jobs', [[{}, 2]]),
    createHistogram: histogram('jobs.total', [1], [[{}, [1, 2]]]),
  };
  const types = { createGauge: 'gauge', createCounter: 'counter', createHistogram: 'histogram' };
  const kinds = Object.keys(parts) as (keyof typeof parts)[];
  for (const first of kinds) {
    for (const second of kinds.filter((kind) => kind !== first)) {
      test(`is that of the ${types[first]} if it was made before the ${types[second]}`, () => {
        const write = textWriter({ instruments: made([first, second]) });
        const all = [parts[first], parts[second]].map((part, i) => [{ name: `scope ${i}` }, [part]] as const);
        // In whichever order, and if the first has recorded nothing.
        assert.deepEqual(sampleLines(write(collected(all.slice(1))).text), []);
        const both = write(collected(all.toReversed())).text;
        assert.match(both, new RegExp(`^# TYPE jobs_total ${types[first]}$`, 'm'));
        const { text, warnings } = write(collected(all));
        assert.equal(text, both);
        assert.equal(warnings.length, 1);
      });
    }
  }

  for (const [description, expected] of [
    ['As it was made.', 'As it was made.'],
    ['', 'Help 1'],
  ] as const) {
    test(`has the help with which the first was made, or else that of the first: "${description}"`, () => {
      const write = textWriter({ instruments: made(['createGauge', 'createGauge'], description) });
      const help = (scopes: readonly number[]) => {
        const written = scopes.map(
          (i) => [{ name: `scope ${i}` }, [gauge('jobs.total', ONE, { description: `Help ${i}` })]] as const,
        );
        const { text, warnings } = write(collected(written));
        assert.deepEqual(warnings, []);
        return text.match(/^# HELP jobs_total (.*)$/m)?.[1];
      };
      assert.deepEqual([help([1]), help([1, 0])], [expected, expected]);
    });
  }

  test('belongs to us if it is one of ours', () => {
    const write = textWriter({ instruments: made(['createGauge']), reserved: [counter('jobs', [])] });
    const { text, warnings } = write(
      collected([
        [{ name: 'scope 0' }, [gauge('jobs.total', ONE)]],
        [{ name: 'routemeter' }, [counter('jobs', [[{}, 2]])]],
      ]),
    );
    assert.deepEqual(sampleLines(text), ['jobs_total 2']);
    assert.equal(warnings.length, 1);
  });
});
