import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, test } from 'node:test';
import type { AppProcess } from '../../app-process.ts';
import { until } from '../../until.ts';
import { ownerOf, placeOf, requestsWritten } from './folder.ts';
import { PER_ROUND, send } from './load.ts';
import type { Scrape } from './scrape.ts';
import { counted, listenersOf, TestedGroup } from './tested-group.ts';

const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

/** Within which another process serves. */
const TAKEOVER_MILLIS = 2000;

/** Waits until what a process has answered is in its file, without asking it to write. */
async function written(group: TestedGroup, app: AppProcess, requests: number): Promise<void> {
  const place = placeOf(group.service);
  await until('the file counts all requests', () => requestsWritten(place, app.child.pid) === requests);
}

interface End {
  readonly by: (app: AppProcess) => void;
  readonly code: number | null;
  readonly signal?: NodeJS.Signals;
  /** It may lose what it has not written, which it does every second. */
  readonly sudden?: true;
}
const ENDS: Readonly<Record<string, End>> = {
  'ends by itself': { by: (app) => app.child.send('end'), code: 0 },
  'is ended by SIGTERM': { by: (app) => app.child.kill('SIGTERM'), code: null, signal: 'SIGTERM' },
  'is ended by SIGINT': { by: (app) => app.child.kill('SIGINT'), code: null, signal: 'SIGINT' },
  'calls process.exit': { by: (app) => app.child.send('exit'), code: 0, sudden: true },
  'throws what is not caught': { by: (app) => app.child.send('throw'), code: 1, sudden: true },
  'is killed by SIGKILL': {
    by: (app) => app.child.kill('SIGKILL'),
    code: null,
    signal: 'SIGKILL',
    sudden: true,
  },
};

describe('nothing is lost, and the other process serves, when', () => {
  for (const who of ['the serving process', 'another process'] as const) {
    for (const [how, { by, code, signal = null, sudden }] of Object.entries(ENDS)) {
      test(`${who} ${how}`, bound, async () => {
        const group = await TestedGroup.create();
        const [serving, other] = await group.startMany(2);
        assert.ok(serving && other);
        const [ending, staying] = who === 'another process' ? [other, serving] : [serving, other];
        await group.send(ending, { rounds: 3 });
        await group.send(staying);
        if (sudden) await written(group, ending, 3 * PER_ROUND);
        by(ending);
        assert.deepEqual(await ending.ended, { code, signal });
        group.forget(ending);
        const scraped = await group.scrapeUntil(({ retired }) => retired === 1, TAKEOVER_MILLIS);
        assert.deepEqual(counted(scraped), group.tally.expected);
        assert.deepEqual([scraped.members, scraped.fresh], [1, 1]);
        await group.send(staying);
        assert.deepEqual(counted(await group.scrape()), group.tally.expected);
        if (who === 'the serving process')
          await staying.line('stderr', /: serves the metrics of all processes of /);
      });
    }
  }
});

test('what the only process has counted is safe as soon as there is a second one', bound, async () => {
  const group = await TestedGroup.create();
  const first = await group.start();
  await group.send(first, { rounds: 3 });
  await group.start();
  await first.end('SIGKILL');
  group.forget(first);
  const scraped = await group.scrapeUntil(({ retired }) => retired === 1);
  assert.deepEqual(counted(scraped), group.tally.expected);
});

test('a thread that is terminated is retired, and loses nothing that is written', bound, async () => {
  const group = await TestedGroup.create();
  const app = group.launch('group-starter.mjs', { args: ['threads', '2'] });
  const listeners = await listenersOf(app, 3);
  await group.scrapeUntil(({ members }) => members === 3);
  for (const { url } of listeners) await send(url, group.tally);
  const { pending } = group.tally.expected;
  // It brings all files up to date.
  assert.deepEqual(counted(await group.scrape()), group.tally.expected);
  app.child.send('terminate');
  const scraped = await group.scrapeUntil(({ members, fresh }) => members === 2 && fresh === 2);
  assert.equal(scraped.retired, 1);
  assert.deepEqual(counted(scraped), { ...group.tally.expected, pending: (pending / 3) * 2 });
});

test('all that end at once leave nothing, and what starts then starts from zero', bound, async () => {
  const group = await TestedGroup.create();
  const apps = await group.startMany(4);
  for (const app of apps) await group.send(app);
  const place = placeOf(group.service);
  await Promise.all(apps.map((app) => app.end('SIGTERM')));
  assert.equal(ownerOf(group.service), undefined);
  assert.equal(existsSync(dirname(place)), false);
  await group.start();
  const scraped = await group.scrapeUntil(({ members }) => members === 1);
  assert.deepEqual(scraped.requests, {});
});

test('the last one takes the folder of its group away', bound, async () => {
  const group = await TestedGroup.create();
  const [first, second] = await group.startMany(2);
  const place = placeOf(group.service);
  await first?.end('SIGTERM');
  assert.equal(existsSync(place), true);
  await second?.end('SIGTERM');
  assert.equal(existsSync(dirname(place)), false);
  assert.equal(ownerOf(group.service), undefined);
});

test('after all have been killed it starts from zero, and what they left is removed', bound, async () => {
  const group = await TestedGroup.create();
  const killed = await group.startMany(2);
  for (const app of killed) await group.send(app);
  const place = placeOf(group.service);
  await Promise.all(killed.map((app) => app.end('SIGKILL')));
  assert.equal(existsSync(place), true);

  const restarted = new TestedGroup(group.port, group.service);
  const apps = await restarted.startMany(2);
  const first = await restarted.scrape();
  assert.deepEqual([first.requests, first.pending, first.sizes.count, first.retired], [{}, 0, 0, 0]);
  for (const app of apps) await restarted.send(app);
  assert.deepEqual(counted(await restarted.scrape()), restarted.tally.expected);
  const now = placeOf(group.service);
  assert.notEqual(now, place);
  assert.deepEqual(readdirSync(dirname(now)), [basename(now)]);
});

test('of buckets that differ those are served that all living processes have', bound, async () => {
  const group = await TestedGroup.create();
  const wide = await group.start({ env: { ROUTEMETER_BUCKETS: '10,20' } });
  const other = await group.start({ env: { ROUTEMETER_BUCKETS: '20,30' } });
  await group.send(wide, { rounds: 2 });
  await group.send(other, { rounds: 3 });
  const failures = ({ families }: Scrape): unknown =>
    families
      .get('http_server_request_duration_seconds')
      ?.samples.filter(({ labels }) => labels.get('http_route') === '/fail' && labels.has('le'))
      .map(({ labels, value }) => [labels.get('le'), value]);
  const both = await group.scrapeUntil(({ fresh }) => fresh === 2);
  assert.deepEqual(counted(both), group.tally.expected);
  assert.deepEqual(failures(both), [
    ['20', 5],
    ['+Inf', 5],
  ]);
  await wide.end('SIGTERM');
  const rest = await group.scrapeUntil(({ members, retired }) => members === 1 && retired === 1);
  assert.deepEqual(failures(rest), [
    ['20', 5],
    ['30', 5],
    ['+Inf', 5],
  ]);
});
