import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRemarks } from '../../../src/exporters/otlp/remarks.ts';
import { recordedContext } from '../push-context.ts';

function setUp() {
  const { log, lines } = recordedContext();
  const clock = { millis: 5 };
  const remark = createRemarks({ destination: 'http://b', log, now: () => clock.millis });
  return {
    lines,
    clock,
    reject: (errorMessage: string, rejectedDataPoints = 1) => remark({ errorMessage, rejectedDataPoints }),
  };
}

test('every reason is logged, each once, and again as a warning if nothing was rejected', () => {
  const { lines, reject } = setUp();
  for (const reason of ['too old', 'too many', 'too old']) reject(reason, reason.length);
  reject('', 3);
  reject('too old', 0);
  assert.deepEqual(lines, [
    'routemeter: http://b rejected 7 data points of an export: too old',
    'routemeter: http://b rejected 8 data points of an export: too many',
    'routemeter: http://b rejected 3 data points of an export: no reason given',
    'routemeter: http://b accepted an export with a warning: too old',
  ]);
});

test('at most ten in ten minutes, the tenth of which announces it', () => {
  const { lines, clock, reject } = setUp();
  for (let i = 0; i < 25; i++) reject(`reason ${i}`);
  assert.equal(lines.length, 10);
  assert.match(lines[9] ?? '', /: reason 9 \(further remarks in the next 10 minutes are not logged\)$/);
  clock.millis += 600_000;
  for (let i = 0; i < 25; i++) reject(`reason ${i}`);
  assert.deepEqual(
    lines.slice(10).map((line) => line.match(/reason \d+/)?.[0]),
    Array.from({ length: 10 }, (_, i) => `reason ${i + 10}`),
  );
});
