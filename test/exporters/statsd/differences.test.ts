import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createNoopMeter } from '@opentelemetry/api';
import { MeterProvider, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import type { Piece } from '../../../src/exporters/statsd/packets.ts';
import { fineBoundaries } from '../../../src/views/fine-boundaries.ts';
import { createMadeInstruments } from '../../../src/views/made-instruments.ts';
import { MemoryReader } from '../../views/memory-reader.ts';
import { collected, counter, gauge, histogram, upDownCounter } from '../prometheus/metrics.ts';
import { differences, linesOf, NAMES, sent } from './lines.ts';

const of = (...metrics: MetricData[]): ResourceMetrics => collected([[{ name: 'app' }, metrics]]);
const ticks = (value: number): ResourceMetrics => of(counter('ticks', [[{}, value]]));
/** Lines that are held. */
const held = (pieces: Iterable<Piece>): string[] => [...pieces].map(({ text }) => text);

describe('a counter', () => {
  for (const [what, dialect, values, expected] of [
    ['is what has come since it was sent', 'etsy', [2, 5, 5, 6], ['2', '3', '', '1']],
    ['that is reset counts from zero', 'etsy', [5, 2, 3], ['5', '2', '1']],
    ['of fractions is whole for Telegraf, and the rest waits', 'telegraf', [0.5, 1.25, 3.75], ['', '1', '2']],
  ] as const) {
    test(what, () => {
      const turn = differences(dialect);
      const lines = values.map((value) => sent(turn(ticks(value))).join());
      assert.deepEqual(
        lines.map((line) => line.replace(/.*:|\|c/g, '')),
        expected,
      );
    });
  }

  test('that is reset while it is held loses nothing', () => {
    const turn = differences('etsy');
    sent(turn(ticks(5)));
    assert.deepEqual(held(turn(ticks(10))), ['ticks:5|c']);
    assert.deepEqual(held(turn(ticks(7))), ['ticks:12|c']);
    assert.deepEqual(sent(turn(ticks(1))), ['ticks:13|c']);
    assert.deepEqual(sent(turn(ticks(1))), []);
  });

  test('and an observed one of the same name are separate', async () => {
    const reader = new MemoryReader();
    const meter = new MeterProvider({ readers: [reader] }).getMeter('app');
    meter.createObservableCounter('jobs').addCallback((observation) => observation.observe(3));
    meter.createCounter('jobs').add(5);
    const turn = differences('etsy');
    const lines = async (): Promise<string[]> => sent(turn((await reader.collect()).resourceMetrics));
    assert.deepEqual((await lines()).sort(), ['jobs:3|c', 'jobs:5|c']);
    assert.deepEqual(await lines(), []);
  });

  test('of one name in two scopes, units or series is one for each', () => {
    const turn = differences('etsy');
    const several = (value: number) =>
      [{}, { k: 1 }, { k: '1' }].map((attributes, i) => [attributes, value + i] as const);
    const metrics = (value: number): ResourceMetrics =>
      collected([
        [{ name: 'a' }, [counter('n', [[{}, value]])]],
        [{ name: 'a', version: '1' }, [counter('n', [[{}, value + 1]])]],
        [{ name: 'b' }, [counter('n', [[{}, value + 2]], { unit: 's' }), counter('n', several(value + 3))]],
      ]);
    sent(turn(metrics(0)));
    const [each, ofKey] = [Array(4).fill('n:10|c'), Array(2).fill('n.k.1:10|c')];
    assert.deepEqual(sent(turn(metrics(10))), [...each, ...ofKey]);
  });

  test('is one series whichever object its attributes are, in any order', () => {
    const turn = differences('etsy');
    assert.deepEqual(sent(turn(of(counter('n', [[{ a: 1, b: 2 }, 1]])))), ['n.a.1.b.2:1|c']);
    assert.deepEqual(sent(turn(of(counter('n', [[{ b: 2, a: 1 }, 3]])))), ['n.a.1.b.2:2|c']);
  });
});

describe('among gauges and up-down counters with one name', () => {
  const scoped = (...metrics: MetricData[]): ResourceMetrics =>
    collected(metrics.map((metric, i) => [{ name: `scope ${i}` }, [metric]]));
  const made = (...scopes: readonly number[]) => {
    const instruments = createMadeInstruments();
    const provider = instruments.note({ getMeter: () => createNoopMeter() });
    for (const scope of scopes) provider.getMeter(`scope ${scope}`).createGauge('load');
    return instruments;
  };
  const [one, two] = [gauge('load', [[{}, 1]]), gauge('load', [[{}, 2]])];

  test('the first that was created has it, in whichever order they come', () => {
    for (const [instruments, expected] of [
      [made(0, 1), 'load:1|g'],
      [made(1, 0), 'load:2|g'],
    ] as const) {
      const turn = differences('etsy', { instruments });
      assert.deepEqual(sent(turn(scoped(one, two))), [expected]);
    }
  });

  test('nothing is sent while the first is not finite', () => {
    const turn = differences('etsy');
    assert.deepEqual(sent(turn(scoped(gauge('load', [[{}, Number.NaN]]), two))), []);
    assert.deepEqual(sent(turn(scoped(one, two))), ['load:1|g']);
    assert.deepEqual(sent(turn(of(two))), ['load:2|g']);
  });

  test('up-down counters add up', () => {
    const turn = differences('etsy');
    const [a, b] = [upDownCounter('load', [[{}, 3]]), upDownCounter('load', [[{}, 4]])];
    assert.deepEqual(sent(turn(scoped(a, b))), ['load:7|g']);
    assert.deepEqual(sent(turn(scoped(a, one))), ['load:3|g']);
  });

  test('other series of the second are sent', () => {
    const first = gauge('load', [[{ cpu: 1 }, 4]]);
    const second = gauge(
      'load',
      [1, 2].map((cpu) => [{ cpu }, 4 + cpu] as const),
    );
    const lines = sent(differences('dogstatsd')(scoped(first, second)));
    assert.deepEqual(lines, ['load:4|g|#cpu:1', 'load:6|g|#cpu:2']);
  });
});

test('a gauge is sent each time', () => {
  const turn = differences('etsy');
  for (const _ of [1, 2]) assert.deepEqual(sent(turn(of(gauge('load', [[{}, 2]])))), ['load:2|g']);
});

describe('a histogram', () => {
  const query = (counts: number[], sum: number): ResourceMetrics =>
    of(histogram('query', [1, 1.08], [[{}, counts]], { sum }));

  test('is what has been recorded since', () => {
    const turn = differences('dogstatsd');
    assert.deepEqual(sent(turn(query([0, 10, 0], 10.4))), ['query:1.04|d|@0.1']);
    assert.deepEqual(sent(turn(query([0, 10, 0], 10.4))), []);
    assert.deepEqual(sent(turn(query([0, 11, 0], 11.47))), ['query:1.07|d']);
  });

  test('that is accepted in part has the middle of its bucket, not the rest of the sum', () => {
    const turn = differences('dogstatsd');
    const collection = of(
      histogram('query', [1, 1.08, 1.16], [[{}, [0, 10, 1, 0]]], { sum: 10 * 1.045 + 1.09 }),
    );
    const [first] = turn(collection);
    assert.equal(first?.text, 'query:1.041|d|@0.1');
    first?.commit();
    assert.deepEqual(sent(turn(collection)), ['query:1.122|d']);
  });

  test('without a sum has the middles of its buckets', () => {
    const without = histogram('query', [1, 1.08], [[{}, [0, 1, 0]]], { sum: undefined });
    assert.deepEqual(linesOf('dogstatsd', [without]), ['query:1.039|d']);
  });

  for (const dialect of NAMES.filter((name) => DIALECTS[name].joined !== undefined)) {
    test(`shares lines that fit into packets, also on streams: ${dialect}`, () => {
      for (let packetSize = 60; packetSize < 90; packetSize++) {
        const boundaries = fineBoundaries([], 's');
        const counts = [...boundaries.map((_, i) => i % 3), 2];
        const metric = histogram('q', boundaries, [[{}, counts]], { unit: 's' });
        const lines = linesOf(dialect, [metric], { packetSize });
        const longest = Math.max(...lines.map((line) => Buffer.byteLength(line)));
        assert.ok(longest < packetSize, `${longest} bytes and a newline in ${packetSize}`);
        assert.ok(longest > packetSize / 2, `${longest} bytes of ${packetSize}`);
      }
    });
  }
});
