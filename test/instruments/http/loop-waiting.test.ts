import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Accepted, LoopWaiting } from '../../../src/instruments/http/loop-waiting.ts';
import fc from '../../property.ts';

/** An event loop with made-up clocks: what it does, one after the other. */
class Loop {
  now = 0;
  idle = 0;
  looks = 0;
  readonly #waiting = new LoopWaiting(this.#point());

  #point() {
    return { now: this.now, idle: this.idle, looks: this.looks };
  }
  /** Looks for what has arrived, and sleeps for so many milliseconds until something does. */
  look(sleeps = 0): this {
    this.looks++;
    this.now += sleeps;
    this.idle += sleeps;
    return this;
  }
  busy(millis: number): this {
    this.now += millis;
    return this;
  }
  tick(): this {
    this.#waiting.tick(this.#point());
    return this;
  }
  request(accepted?: Accepted): number {
    return this.#waiting.arrive(this.#point(), accepted);
  }
  accept(): Accepted {
    return this.#waiting.accept(this.#point());
  }
}

describe('what a request waits for while the event loop is busy', () => {
  const CASES: Readonly<Record<string, (loop: Loop) => readonly [actual: unknown, expected: unknown]>> = {
    'nothing, if the loop slept until it came': (loop) => [loop.tick().look(7).request(), 0],
    'nothing, however long the handler before took': (loop) => {
      loop.look(7).request();
      return [loop.busy(9).look(3).request(), 0];
    },
    'half of a block by a handler': (loop) => {
      loop.look(7).request();
      return [loop.busy(500).tick().look().request(), 250];
    },
    'half of a block by a timer, before which the loop slept': (loop) => {
      loop.tick().look(10).busy(500).tick();
      return [loop.look().request(), 250];
    },
    'half of a block by a timer without a tick after it, nearly': (loop) => {
      loop.tick().look(2).busy(500);
      return [Math.round(loop.look().request()), 249];
    },
    'the handlers of all that were found at the same look': (loop) => {
      loop.look(7).request();
      loop.busy(500).tick().look();
      return [
        [loop.request(), loop.busy(100).request(), loop.busy(100).request()],
        [250, 350, 450],
      ];
    },
    'the last block only, if the loop has looked before it': (loop) => {
      loop.look(7).busy(500).tick().look().busy(300).tick();
      return [loop.look().request(), 150];
    },
    'little, in a loop that is busy in small steps': (loop) => {
      for (let turn = 0; turn < 10; turn++) loop.look().busy(1);
      loop.tick();
      return [loop.look().request(), 0.5];
    },
    'its connection, if it comes along with that': (loop) => {
      loop.look(7).request();
      const connection = loop.busy(500).tick().look().accept();
      return [loop.busy(20).look().request(connection), 270];
    },
    'no connection that was made long ago': (loop) => {
      const connection = loop.look(7).busy(500).tick().look().accept();
      return [loop.look(1).request(connection), 0];
    },
  };
  for (const [what, run] of Object.entries(CASES)) {
    it(what, () => {
      const [actual, expected] = run(new Loop());
      assert.deepEqual(actual, expected);
    });
  }

  it('connections that are accepted one at a look came at any moment since there was none', () => {
    const loop = new Loop();
    loop.look(10).request();
    loop.busy(500).tick();
    const arrived = Array.from({ length: 50 }, () => loop.look().accept().arrived);
    loop.busy(500).tick();
    arrived.push(...Array.from({ length: 50 }, () => loop.look().accept().arrived));
    const sum = arrived.reduce((total, one) => total + one);
    assert.equal(sum / arrived.length, 10 + 500);
  });

  it('is never negative, and never longer than the loop has existed', () => {
    const step = fc.record({
      kind: fc.constantFrom('look', 'busy', 'tick', 'request', 'accept'),
      millis: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const loop = new Loop();
        let connection: Accepted | undefined;
        for (const { kind, millis } of steps) {
          if (kind === 'look') loop.look(millis);
          if (kind === 'busy') loop.busy(millis);
          if (kind === 'tick') loop.tick();
          if (kind === 'accept') connection = loop.accept();
          if (kind !== 'request') continue;
          const waited = loop.request(connection);
          assert.ok(waited >= 0 && waited <= loop.now + 0.001, `${waited}`);
        }
      }),
    );
  });

  it('adds up to what was waited, in a loop that is blocked at random', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = uniform(seed);
        const loop = new Loop();
        let next = 5 * random();
        let sum = 0;
        let estimated = 0;
        for (let turn = 0; turn < 1000; turn++) {
          loop.look(next > loop.now ? Math.min(next - loop.now, 10) : 0);
          for (const { now } = loop; next <= now; next += 10 * random()) {
            sum += loop.now - next;
            estimated += loop.request();
          }
          if (random() < 0.1) loop.busy(500);
          loop.tick();
        }
        assert.ok(Math.abs(estimated - sum) <= 0.05 * sum, `${estimated} of ${sum}`);
      }),
      { numRuns: 10 },
    );
  });
});

/** Numbers from 0 to 1, each as likely: https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
function uniform(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
