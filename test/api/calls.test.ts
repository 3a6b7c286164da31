import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { count, ignore, observe, route, tag } from '../../src/api/calls.ts';
import { metered } from '../../src/api/metered.ts';
import { slot } from '../../src/api/slot.ts';
import { type Timer, time } from '../../src/api/time.ts';
import { recordIntoSlot } from './slot-recorder.ts';

describe('the calls', () => {
  const calls: [what: string, call: () => void, recorded: unknown[]][] = [
    ['count one', () => count('user.signup'), ['count', 'user.signup', 1, undefined]],
    ['count several', () => count('items.sold', 2.5), ['count', 'items.sold', 2.5, undefined]],
    ['count none', () => count('items.sold', 0), ['count', 'items.sold', 0, undefined]],
    ['observe', () => observe('cart.size', 3), ['observe', 'cart.size', 3, undefined]],
    ['observe in a unit', () => observe('sent', 3, { unit: 'By' }), ['observe', 'sent', 3, { unit: 'By' }]],
    ['tag', () => tag('plan', 'pro'), ['tag', 'plan', 'pro']],
    ['route', () => route('/users/[id]'), ['route', '/users/[id]']],
    ['no route', () => route(null), ['route', null]],
    ['ignore', () => ignore(), ['ignore']],
  ];
  for (const [what, call, recorded] of calls) {
    it(what, (test) => {
      const { calls } = recordIntoSlot(test);
      assert.equal(call(), undefined);
      assert.deepEqual(calls, [recorded]);
    });
    it(`${what}: nothing without a recorder`, () => {
      assert.equal(slot().recorder, undefined);
      assert.equal(call(), undefined);
    });
  }
});

const later: [name: 'route' | 'ignore', call: () => void][] = [
  ['route', () => route('/users/[id]')],
  ['ignore', () => ignore()],
];
for (const [name, call] of later) {
  it(`${name} does nothing with a preload that is older than the call`, (test) => {
    const { calls } = recordIntoSlot(test);
    delete slot().recorder?.[name];
    assert.equal(call(), undefined);
    assert.deepEqual(calls, []);
  });
}

describe('what JavaScript may pass does not throw', () => {
  const hostile = new Proxy(() => 1, {
    get() {
      throw new Error('hostile');
    },
  });
  const loosely = time as unknown as (name: string, work: unknown) => Timer;
  it('time takes any argument that is not a function for a block', (test) => {
    for (const work of [null, 5, 'x', {}]) loosely('x', work).stop();
    const { timed } = recordIntoSlot(test);
    loosely('x', null).stop();
    assert.deepEqual(timed, [{ name: 'x', running: false, ends: ['fine'] }]);
  });
  it('metered takes a function whose name cannot be read', (test) => {
    assert.equal(metered(hostile)(), 1);
    const { timed } = recordIntoSlot(test, (name) => name === '');
    assert.equal(metered(hostile)(), 1);
    assert.deepEqual(timed, []);
  });
});

describe('the slot', () => {
  it('is the same for every copy, under a global symbol with a version', () => {
    assert.equal(Reflect.get(globalThis, Symbol.for('routemeter.in-request.v1')), slot());
    assert.equal(slot(), slot());
  });

  it('is marked as imported by each file of calls, of which a bundle may hold only one', async () => {
    for (const file of ['calls', 'metered', 'time']) {
      slot().imported = false;
      await import(`../../src/api/${file}.ts?again`);
      assert.deepEqual(slot(), { imported: true, onImport: undefined, recorder: undefined }, file);
    }
  });
});
