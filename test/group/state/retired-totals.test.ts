import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRetired, encodeRetired, type RetiredTotals } from '../../../src/group/state/retired-totals.ts';
import { atOnce } from '../../../src/guest/slices.ts';
import fc, { character } from '../../property.ts';
import { exponentialMetrics } from '../member-files.ts';
import { createRecorder, readableState, throughFiles } from '../recorded.ts';

const IDS = ['1-0-0123abcd', '4194304-65535-0123abcd'];

async function baseOf(
  routes: readonly string[],
  ids: readonly string[],
  retired: number,
): Promise<RetiredTotals> {
  const { meter, state, writer } = createRecorder();
  for (const [i, route] of routes.entries()) {
    meter.createCounter('requests').add(i, { route });
    meter.createHistogram('duration').record(i / 8, { route });
  }
  await state();
  if (routes.length > 2) atOnce(writer.update(exponentialMetrics(), 1));
  return { state: throughFiles(writer), ids, retired };
}
const readableBase = ({ state, ids, retired }: RetiredTotals) => ({
  state: readableState(state),
  ids,
  retired,
});

test('what is encoded can be decoded', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.string({ unit: character }), { maxLength: 5 }),
    fc.uniqueArray(fc.constantFrom(...IDS)),
    fc.nat(),
    async (routes, ids, retired) => {
      const base = await baseOf(routes, ids, retired);
      const read = decodeRetired(Buffer.from(encodeRetired(base)));
      assert.deepEqual(read && readableBase(read), readableBase(base));
      assert.deepEqual(read?.state.values, base.state.values);
    },
  );
  await fc.assert(property, { numRuns: 50 });
});

test('anything cut off, or with bytes appended, is rejected', async () => {
  const whole = Buffer.from(encodeRetired(await baseOf(['/', '/é'], IDS, 2)));
  for (let length = 0; length < whole.length; length++) {
    assert.equal(decodeRetired(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
  assert.equal(decodeRetired(Buffer.concat([whole, Buffer.of(0)])), undefined);
});

test('one with a byte changed does not throw', async () => {
  const whole = Buffer.from(encodeRetired(await baseOf(['/', '/é'], IDS, 2)));
  const end = whole.length;
  for (let place = 0; place < end; place++) {
    for (const byte of [0, 0x0a, 0x22, 0x30, 0x39, 0x5d, 0xff]) {
      const changed = Buffer.from(whole);
      changed[place] = byte;
      const read = decodeRetired(changed);
      if (read !== undefined) readableState(read.state);
    }
  }
});

const header = (change: object, rest: string | Buffer = '') =>
  Buffer.concat([
    Buffer.from(`${JSON.stringify({ format: 2, ids: [], retired: 0, keys: 0, values: 0, ...change })}\n`),
    Buffer.from(rest),
  ]);
const NONE: readonly (readonly [what: string, data: Buffer])[] = [
  ['zeros', Buffer.alloc(100)],
  ['another format', header({ format: 1 })],
  ['null', Buffer.from('null\n')],
  ['no list of ids', header({ ids: 'x' })],
  ['ids that are no texts', header({ ids: [1] })],
  ['a count below zero', header({ retired: -1 })],
  ['a count that is not whole', header({ retired: 0.5 })],
  ['a count beyond all counts', header({ retired: 1e300 })],
  ['no count', header({ retired: undefined })],
  ['keys below zero', header({ keys: -1 }, Buffer.alloc(8))],
  ['more doubles than it has', header({ values: 2 ** 40 })],
  ['doubles without keys', header({ values: 1 }, Buffer.alloc(8))],
  ['keys of another format', header({ keys: 4 }, 'abc\n')],
];
for (const [what, data] of NONE) {
  test(`${what}: rejected`, () => {
    assert.equal(decodeRetired(data), undefined);
  });
}
