import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { metered } from '../../src/api/metered.ts';
import { ends, recordIntoSlot } from './slot-recorder.ts';

function checkout(this: { factor: number } | undefined, value: number, _more?: unknown): number {
  return value * (this?.factor ?? 1);
}

describe('metered', () => {
  for (const [whose, wrap, name] of [
    ['of the function', () => metered(checkout), 'checkout'],
    ['that is given', () => metered(checkout, 'shop.checkout'), 'shop.checkout'],
  ] as const) {
    it(`is timed under the name ${whose}, each time it is called`, (test) => {
      const recorder = recordIntoSlot(test);
      const wrapped = wrap();
      assert.deepEqual(recorder.timed, []);
      for (const value of [1, 2]) wrapped.call(undefined, value);
      const section = { name, running: false, ends: ['fine'] };
      assert.deepEqual(recorder.timed, [section, section]);
    });
  }

  it('is recorded by a recorder that is set later', (test) => {
    const wrapped = metered(checkout);
    assert.equal(wrapped.call(undefined, 1), 1);
    const recorder = recordIntoSlot(test);
    assert.equal(wrapped.call({ factor: 2 }, 21), 42);
    assert.equal(recorder.timed.length, 1);
  });

  it('throws what the function throws', (test) => {
    const error = new Error('no');
    const recorder = recordIntoSlot(test);
    const failing = metered(() => {
      throw error;
    }, 'failing');
    assert.throws(failing, (thrown) => thrown === error);
    assert.deepEqual(ends(recorder), [error]);
  });
});

/** Everything holds with a recorder and without one. */
for (const recorded of [true, false]) {
  describe(`a metered function behaves as the function itself, ${recorded ? 'recorded' : 'without a recorder'}`, () => {
    const given = (test: Parameters<typeof recordIntoSlot>[0]): void => {
      if (recorded) recordIntoSlot(test);
    };

    it('in its name, number of parameters and own properties', (test) => {
      given(test);
      const failed = (_error: unknown, _req: unknown, _res: unknown, _next: unknown) => 1;
      const original = Object.assign(failed, { route: '/x' });
      const wrapped = metered(original, 'handler');
      assert.equal(wrapped.name, 'failed');
      assert.equal(wrapped.length, 4);
      assert.deepEqual({ ...wrapped }, { route: '/x' });
      wrapped.route = '/y';
      assert.equal(original.route, '/y');
      assert.equal(Object.getPrototypeOf(wrapped), Object.getPrototypeOf(original));
    });

    it('in `this` and arguments', (test) => {
      given(test);
      assert.equal(metered(checkout).call({ factor: 2 }, 21), 42);
      assert.equal(metered(checkout).apply(undefined, [21]), 21);
      assert.equal(metered(checkout).bind({ factor: 3 })(5), 15);
      const all = metered((...given: number[]) => given, 'all');
      assert.deepEqual(all(1, 2, 3), [1, 2, 3]);
    });

    it('as a method, with private members and super', (test) => {
      given(test);
      class Base {
        charge(): number {
          return 1;
        }
      }
      class Account extends Base {
        #balance = 40;
        override charge = metered(() => super.charge() + 1 + this.#balance, 'account.charge');
        balance(): number {
          return this.#balance;
        }
      }
      const account = new Account();
      assert.equal(account.charge(), 42);
      Account.prototype.balance = metered(Account.prototype.balance);
      assert.equal(account.balance(), 40);
    });

    it('when a class is constructed with `new`', (test) => {
      given(test);
      class Cart {
        static made = 0;
        readonly size: number;
        constructor(size: number) {
          Cart.made++;
          this.size = size;
        }
      }
      const Wrapped = metered(Cart as never, 'cart') as typeof Cart;
      const cart = new Wrapped(3);
      assert.ok(cart instanceof Cart && cart instanceof Wrapped);
      assert.deepEqual([cart.size, Wrapped.made, cart.constructor], [3, 1, Cart]);
      class Larger extends Wrapped {}
      assert.ok(new Larger(1) instanceof Larger);
      assert.throws(() => Reflect.apply(Wrapped, undefined, []), /cannot be invoked without 'new'/);
    });

    it('and is returned as it is if it is no function', (test) => {
      given(test);
      for (const nothing of [undefined, null, 'text', {}]) assert.equal(metered(nothing as never), nothing);
    });
  });
}
