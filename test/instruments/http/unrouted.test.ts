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
    const note = createUnroutedNotice(log, async () => []);
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
    const note = createUnroutedNotice(log, async () => []);
    times(2000, () => note('/users/:id', 200));
    times(2000, () => note(undefined, 302));
    assert.deepEqual(lines, []);
    note(undefined, 200);
    assert.equal(lines.length, 1);
  });

  it('are not reported if the client is at fault, or nothing was answered', () => {
    const { log, lines } = keptLog();
    const note = createUnroutedNotice(log, async () => []);
    for (const status of [400, 401, 403, 404, 405, 499, undefined])
      times(2000, () => note(undefined, status));
    assert.deepEqual(lines, []);
  });

  describe('because a framework is bundled into the app', () => {
    const told = async (names: readonly string[], requests: readonly (string | undefined)[]) => {
      const { log, lines } = keptLog();
      let searches = 0;
      const note = createUnroutedNotice(log, async () => {
        searches++;
        return names;
      });
      for (const route of requests) note(route, 200);
      await new Promise(setImmediate);
      times(3000, () => note(undefined, 200));
      await new Promise(setImmediate);
      return { lines, searches };
    };
    const none = new Array<undefined>(10).fill(undefined);

    it('are reported at once, and only with that reason', async () => {
      const { lines, searches } = await told(['koa'], none);
      assert.deepEqual(lines, [
        'routemeter: no request has had a route, and koa seems to be bundled into the app, where no patch reaches it: leave koa out of the bundle, list the patterns, as in ROUTEMETER_ROUTES=/users/:id,/files/*, or name them by route() of routemeter (see docs/frameworks.md)',
      ]);
      assert.equal(searches, 1);
    });

    it('are reported later if no framework is found, which is looked for once', async () => {
      const { lines, searches } = await told([], none);
      assert.match(lines.join(), /^routemeter: 1000 requests had no route/);
      assert.equal(searches, 1);
    });

    it('are not looked into once a request has had a route', async () => {
      const { lines, searches } = await told(['koa'], ['/users/:id', ...none]);
      assert.match(lines.join(), /^routemeter: 1000 requests had no route and 1 had one/);
      assert.equal(searches, 0);
    });
  });
});
