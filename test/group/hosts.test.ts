import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../until.ts';
import { machineOf, startProcess } from './groups.ts';
import { bound } from './members/sockets.ts';

describe('an endpoint under another name of the host is the same one', bound, () => {
  const names: readonly (readonly [first: string, second: string, reached: boolean])[] = [
    ['localhost', '0.0.0.0', false],
    ['0.0.0.0', 'localhost', true],
    ['10.0.0.5', 'shop.example', true],
  ];
  for (const [first, second, reached] of names) {
    test(`${first}, then ${second}, and ${first} again`, async (t) => {
      const machine = machineOf(t);
      const lookup = async () => '10.0.0.5';
      const old = startProcess(t, machine, { on: first, lookup });
      const next = startProcess(t, machine, { on: second, lookup });
      await old.join(1);
      next.request(10);
      const role = await next.group.join();
      assert.equal(role.role === 'member' && role.reached, reached);
      assert.deepEqual(await old.counts(), [11, 2, 0]);
      old.end();
      await until(next.owns);
      await next.comesTo(11, 1, 1);
      const back = startProcess(t, machine, { on: first, lookup });
      assert.equal(await back.join(100), 'member');
      next.end();
      await until(back.owns);
      await back.comesTo(111, 1, 2);
    });
  }

  test('for every service: the owner is named, and its port is never bound by another', async (t) => {
    const machine = machineOf(t);
    const [first, second] = [{ on: '127.0.0.1' }, {}].map((given) =>
      startProcess(t, machine, { ...given, service: 'bank' }),
    );
    assert.ok(first && second);
    await first.join(1);
    await second.join(10);
    const other = startProcess(t, machine, { on: '0.0.0.0' });
    const role = await other.group.join();
    assert.equal(role.role === 'outsider' && role.owner?.service, 'bank');
    const { tries } = machine;
    first.end();
    await until(second.owns);
    await second.comesTo(11, 1, 1);
    second.end();
    const third = startProcess(t, machine, { service: 'bank' });
    assert.equal(await third.join(), 'owner');
    assert.equal(machine.tries, tries + 2, 'by those of the service alone');
  });

  test('unless neither of two addresses covers the other', async (t) => {
    const machine = machineOf(t);
    const bind = async () => undefined;
    for (const on of ['127.0.0.1', '127.0.0.2']) {
      const process = startProcess(t, machine, { on, bind });
      assert.equal(await process.join(1), 'owner');
      assert.deepEqual(await process.counts(), [1, 1, 0]);
    }
  });
});
