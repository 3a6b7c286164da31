import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LONG } from '../../length.ts';
import { Account } from './ledger.ts';
import { PER_ROUND, ROUND } from './load.ts';
import { bound, TestedGroup } from './tested-group.ts';

const RESTARTS = LONG ? 20 : 4;
/** Milliseconds in which a process starts: at any of them the one before it may end. */
const START_MILLIS = 500;

test('a process that is replaced by the next continues its totals, or starts from zero', bound, async (t) => {
  let group = await TestedGroup.create();
  let last = await group.start();
  let fromZero = 0;
  for (let i = 0; i < RESTARTS; i++) {
    await group.send(last);
    const starting = group.start();
    await delay((START_MILLIS * i) / RESTARTS);
    await last.end('SIGTERM');
    group.forget(last);
    last = await starting;
    const scraped = await group.scrapeUntil({ members: 1, fresh: 1 });
    if (scraped.retired === 0) {
      fromZero += 1;
      group = new TestedGroup(group.port, group.service);
      assert.deepEqual(scraped.requests, {});
    } else await group.exact();
  }
  t.diagnostic(`${fromZero} of ${RESTARTS} from zero`);
});

test('a process that closes its server on SIGTERM loses nothing, whatever its load', bound, async () => {
  const group = await TestedGroup.create();
  await group.start();
  let [least, most] = [0, 0];
  for (let retired = 1; retired <= (LONG ? 3 : 1); retired++) {
    const app = await group.start({ env: { GRACEFUL: 'true' } });
    const account = new Account(app, await app.url());
    const load = setInterval(() => {
      for (const kind of ROUND) account.send(kind);
    }, PER_ROUND * 2);
    await delay(500);
    app.child.kill('SIGTERM');
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    clearInterval(load);
    await account.settled();
    for (const bounds of account.bounds().values()) {
      least += bounds.least;
      most += bounds.most;
    }
    const scraped = await group.scrapeUntil({ retired });
    const requests = Object.values(scraped.requests).reduce((a, b) => a + b, 0);
    assert.ok(requests >= least && requests <= most, `${requests}, not ${least} to ${most}`);
    assert.ok(least > PER_ROUND * retired, 'there has been a load');
  }
});
