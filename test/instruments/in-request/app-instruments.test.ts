import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AggregationTemporality, MeterProvider } from '@opentelemetry/sdk-metrics';
import { boundariesFor } from '../../../src/views/views.ts';
import { MemoryReader } from '../../views/memory-reader.ts';
import { instrumentsOf, keptLog, toldMeter } from './measured.ts';

function setUp() {
  const { meter, created, added } = toldMeter();
  const { log, lines } = keptLog();
  return { created, added, lines, instruments: instrumentsOf(meter, log) };
}

describe('instruments named by the app', () => {
  it('are created when first named, and are the same afterwards', () => {
    const { instruments, created } = setUp();
    assert.equal(instruments.counter('a'), instruments.counter('a'));
    assert.equal(instruments.histogram('b', 'By'), instruments.histogram('b', 'By'));
    assert.equal(instruments.histogram('b', undefined), instruments.histogram('b', 'By'));
    assert.deepEqual(created, [
      ['counter', 'a', undefined],
      ['histogram', 'b', { unit: 'By' }],
    ]);
  });

  it('add each count to the counter of the name', () => {
    const { instruments, added } = setUp();
    const signup = instruments.counter('signup');
    signup?.record(1, { plan: 'pro' });
    signup?.record(0.5, { plan: 'free' });
    assert.deepEqual(added, [
      ['signup', 1, { plan: 'pro' }],
      ['signup', 0.5, { plan: 'free' }],
    ]);
  });

  it('are pushed once with delta temporality, with their counts, and not while there are none', async () => {
    const reader = new MemoryReader(AggregationTemporality.DELTA);
    const provider = new MeterProvider({ readers: [reader] });
    const instruments = instrumentsOf(provider.getMeter('app'), keptLog().log);
    const pushed: unknown[] = [];
    for (const value of [0.1, 0.1, undefined, 0.1, undefined]) {
      if (value !== undefined) instruments.counter('visit')?.record(value, {});
      pushed.push((await reader.points()).map((point) => point.value));
    }
    assert.deepEqual(pushed, [[0.1], [0.1], [], [0.1], []]);
  });

  it('report the time on the thread under its own name', () => {
    const { instruments, created } = setUp();
    assert.equal(instruments.busyTime('work'), instruments.busyTime('work'));
    const advice = { explicitBucketBoundaries: boundariesFor('work.cpu', 's', undefined, []) };
    assert.deepEqual(created, [['histogram', 'work.cpu', { unit: 's', advice }]]);
  });

  it('may not have the name of a time on the thread', () => {
    const { instruments, created, lines } = setUp();
    assert.equal(instruments.counter('work.cpu'), undefined);
    assert.equal(instruments.histogram('work.cpu', 's'), undefined);
    assert.deepEqual(created, []);
    assert.deepEqual(lines, [
      'routemeter: "work.cpu" is not measured: names that end with .cpu are reserved for time on the thread',
    ]);
  });

  it('have no unit if the first call names none, and keep to that', () => {
    const { instruments, created, lines } = setUp();
    instruments.histogram('size', undefined);
    assert.deepEqual(created, [['histogram', 'size', { unit: '' }]]);
    assert.equal(instruments.histogram('size', 'By'), undefined);
    assert.equal(lines.length, 1);
  });

  it('may have any name that OpenTelemetry allows', () => {
    for (const name of ['a', 'A.b-c_d/e', 'x'.repeat(255), 'v2'])
      assert.ok(setUp().instruments.counter(name));
  });

  it('are at most 500, and one line names the first beyond that', () => {
    const { instruments, created, lines } = setUp();
    for (let i = 0; i < 300; i++) instruments.counter(`user.${i}`);
    for (let i = 300; i < 600; i++) instruments.histogram(`user.${i}`, 's');
    assert.equal(created.length, 500);
    assert.deepEqual(lines, [
      'routemeter: the app has used 500 names; "user.500" and any further ones are not measured: a name should not contain ids',
    ]);
    assert.ok(instruments.counter('user.1'));
    assert.ok(instruments.histogram('user.499', 's'));
    assert.equal(instruments.counter('user.500'), undefined);
  });
});
