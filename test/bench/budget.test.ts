import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differences, type Loop } from '../../bench/budget.ts';
import { startApp } from '../../bench/processes.ts';
import { ROUTEMETER, scrapedRoutes } from '../../bench/variants.ts';

/** By its place: a clone in which no benchmark has run has no package of that name beside the benchmark. */
const REGISTER = new URL('../../dist/register.js', import.meta.url).href;

describe('a part of the budget', () => {
  const loop = (part: Loop['part']): Loop => ({ part });
  const [nothing, clock, all] = [loop('nothing'), loop('clock'), loop('routemeter')];
  const samples = new Map([
    [nothing, [10, 20, 30]],
    [clock, [11, 22, 30]],
    [all, [15, 28, 40]],
  ]);

  it('is the difference of its loops, turn by turn', () => {
    const { median, tenth } = differences(samples, { more: [all], less: [nothing] });
    assert.deepEqual([median, tenth.toFixed(6)], [8, '5.600000']);
  });

  it('is what several loops leave of several others', () => {
    const { median } = differences(samples, { more: [all, nothing], less: [clock, nothing] });
    assert.equal(median, 6);
  });
});

describe('the loop of the budget', () => {
  const CASES: readonly (readonly [what: string, more: readonly string[], expected: object])[] = [
    ['without a framework', [], { '': 20 }],
    // One has been sent to Express, to see what it leaves on a request.
    ['on Express', ['express'], { '/users/:user/posts/:post': 21 }],
  ];
  for (const [what, more, expected] of CASES) {
    it(`makes requests that routemeter counts: ${what}`, async () => {
      const app = await startApp({
        script: 'budget.ts',
        scriptArguments: ['routemeter', ...more],
        ...ROUTEMETER,
        nodeArguments: ['--import', REGISTER],
      });
      try {
        assert.ok((await app.ask<number>('turn', 20)) > 0);
        assert.deepEqual(await scrapedRoutes(app), expected);
      } finally {
        await app.stop();
      }
    });
  }
});
