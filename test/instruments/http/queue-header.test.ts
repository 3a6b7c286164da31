import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queuedBefore, queuedByProxy } from '../../../src/instruments/http/queue-header.ts';
import fc from '../../property.ts';

/** Milliseconds since 1970. */
const NOW = 1_700_000_002_000;

describe('the time that a proxy has written into a request', () => {
  const CASES: readonly (readonly [text: string, seconds: number | undefined])[] = [
    // nginx: t=${msec}
    ['t=1700000000.123', 1.877],
    ['1700000000.123', 1.877],
    ['1700000000', 2],
    // Heroku
    ['1700000000123', 1.877],
    ['t=1700000000123', 1.877],
    // Apache: t=%t
    ['t=1700000000123000', 1.877],
    ['D=123 t=1700000000123000', 1.877],
    ['1700000000123000000', 1.877],
    // Two proxies: the first one has had it longer.
    ['t=1700000000.000, t=1700000001.000', 2],
    [' 1700000001.5 ', 0.5],
    ['1700000002', 0],
    // Skewed clocks.
    ['1700000002.001', undefined],
    ['1700000003000', undefined],
    ['1699999702', 300],
    ['1699999701', undefined],
    ['t=0', undefined],
    // No time at all.
    ['', undefined],
    ['t=', undefined],
    ['soon', undefined],
    ['-1700000000', undefined],
    ['t=-1700000000', undefined],
    ['17e8', undefined],
    ['0x6553f100', undefined],
    ['1700000000abc', undefined],
    ['17000000000000000000000000', undefined],
    ['t=t=1700000000', undefined],
  ];
  for (const [text, expected] of CASES) {
    it(`${JSON.stringify(text)} was ${expected ?? 'not any'} seconds ago`, () => {
      const seconds = queuedBefore(text, NOW);
      assert.equal(seconds === undefined ? undefined : Number(seconds.toFixed(6)), expected);
    });
  }

  it('is never negative or more than 300 s, whatever is written', () => {
    const written = fc.oneof(
      fc.string(),
      fc.stringMatching(/^t=\d{0,25}(\.\d{0,9})?$/),
      fc.double().map(String),
      fc.nat().map((before) => `t=${(NOW - before) / 1000}`),
    );
    fc.assert(
      fc.property(written, fc.nat(2 ** 42), (text, now) => {
        const seconds = queuedBefore(text, now);
        assert.ok(seconds === undefined || (seconds >= 0 && seconds <= 300));
      }),
    );
  });

  it('is the same in every unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300_000 }), (before) => {
        const millis = NOW - before;
        const texts = [
          `t=${(millis / 1000).toFixed(3)}`,
          String(millis),
          `t=${millis}000`,
          `${millis}000000`,
        ];
        for (const text of texts) {
          const seconds = queuedBefore(text, NOW);
          assert.equal(seconds?.toFixed(3), (before / 1000).toFixed(3), text);
        }
      }),
    );
  });

  it('is in X-Request-Start, or else in X-Queue-Start', () => {
    assert.equal(queuedByProxy({ 'x-request-start': '1700000000' }, NOW), 2);
    assert.equal(queuedByProxy({ 'x-queue-start': '1700000001' }, NOW), 1);
    const both = { 'x-request-start': '1700000000', 'x-queue-start': '1700000001' };
    assert.equal(queuedByProxy(both, NOW), 2);
    assert.equal(queuedByProxy({ ...both, 'x-request-start': 'soon' }, NOW), 1);
    assert.equal(queuedByProxy({}, NOW), undefined);
  });
});
