/** What a process of a group observes no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PullReader } from '../../../src/exporters/prometheus/reader.ts';
import { createStateWriter } from '../../../src/group/state/writer.ts';
import { atOnce } from '../../../src/guest/slices.ts';
import { appMeters } from '../../app-meters.ts';
import { living, merged, readableState, retired, throughFiles } from '../recorded.ts';

const KINDS = ['Counter', 'UpDownCounter', 'Gauge'] as const;

/** A process that observes those values, by the name of the series, when it is asked. */
function create() {
  const reader = new PullReader();
  const meter = appMeters({}, [reader]).provider.getMeter('app');
  const writer = createStateWriter();
  let observed: Readonly<Record<string, number>> = {};
  for (const kind of KINDS) {
    meter[`createObservable${kind}`](kind).addCallback((result) => {
      for (const [cam, value] of Object.entries(observed)) result.observe(value, { cam });
    });
  }
  return {
    writer,
    async observe(values: typeof observed) {
      observed = values;
      atOnce(writer.update((await reader.collect()).resourceMetrics, 1));
    },
  };
}

type Process = ReturnType<typeof create>;

/** What the processes come to, as it is in their files. */
const total = (alive: readonly Process[], dead: readonly Process[] = []): Record<string, unknown> =>
  readableState(
    merged([
      ...alive.map(({ writer }, pid) => living(throughFiles(writer), pid)),
      ...dead.map(({ writer }) => retired(throughFiles(writer))),
    ]),
  );

const of = (values: Readonly<Record<string, number>>, kinds: readonly string[] = KINDS) =>
  Object.fromEntries(
    kinds.map((kind) => [
      kind,
      Object.fromEntries(Object.entries(values).map(([cam, value]) => [JSON.stringify({ cam }), value])),
    ]),
  );

test('a series disappears with its last observer and continues with the next; a counter does not go down before', async () => {
  const [one, two] = [create(), create()];
  await one.observe({ a: 3, b: 1 });
  await two.observe({ a: 4 });
  assert.deepEqual(total([one, two]), of({ a: 7, b: 1 }));
  await one.observe({});
  assert.deepEqual(total([one, two]), { ...of({ a: 4 }), Counter: { '{"cam":"a"}': 7 } });
  await two.observe({ a: 6 });
  assert.deepEqual(total([one, two]).Counter, { '{"cam":"a"}': 9 });
  await two.observe({});
  assert.deepEqual(total([one, two]), {});
  await one.observe({ a: 5 });
  assert.deepEqual(total([one, two]).Counter, { '{"cam":"a"}': 11 });
});

test('a counter that a process observed when it ended still counts; a forgotten one does not come back', async () => {
  const [alive, dead] = [create(), create()];
  await alive.observe({});
  await dead.observe({ a: 3, b: 2 });
  await dead.observe({ a: 3 });
  assert.deepEqual(total([alive], [dead]), of({ a: 3 }, ['Counter']));
  await alive.observe({ b: 1 });
  assert.deepEqual(total([alive], [dead]).Counter, { '{"cam":"a"}': 3, '{"cam":"b"}': 3 });
});

test('a counter starts over after its process has been counted elsewhere', async () => {
  const one = create();
  await one.observe({ a: 3 });
  one.writer.rebase();
  await one.observe({ a: 5 });
  assert.deepEqual(total([one]).Counter, { '{"cam":"a"}': 2 });
  await one.observe({});
  assert.deepEqual(total([one]), {});
});
