import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createUnroutedNotice } from '../../../src/instruments/http/unrouted.ts';
import { keptLog } from '../in-request/measured.ts';

const times = (count: number, note: () => void): void => {
  for (let i = 0; i < count; i++) note();
};

describe('requests without a route', () => {
  it('are reported when a thousand have had none, and never again', () => {
    const { log, lines } = keptLog();
    const note = createUnroutedNotice(log);
    times(999, () => note(undefined, 200));
    assert.deepEqual(lines, []);
    times(5000, () => note(undefined, 500));
    assert.equal(lines.length, 1);
    assert.match(
      lines[0] ?? '',
      /^routemeter: 1000 requests had no route and 0 had one: .*ROUTEMETER_ROUTES=/,
    );
  });

  it('are reported once they are the majority', () => {
    const { log, lines } = keptLog();
    const note = createUnroutedNotice(log);
    times(2000, () => note('/users/:id', 200));
    times(2000, () => note(undefined, 302));
    assert.deepEqual(lines, []);
    note(undefined, 200);
    assert.equal(lines.length, 1);
  });

  it('are not reported if the client is at fault, or nothing was answered', () => {
    const { log, lines } = keptLog();
    const note = createUnroutedNotice(log);
    for (const status of [400, 401, 403, 404, 405, 499, undefined])
      times(2000, () => note(undefined, status));
    assert.deepEqual(lines, []);
  });
});
