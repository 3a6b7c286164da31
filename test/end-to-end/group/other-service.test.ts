import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../ports.ts';
import { send, Tally } from './load.ts';
import { counted, TestedGroup } from './tested-group.ts';

const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

/** Longer than any process of a group needs to take over. */
const QUIET_MILLIS = 2500;

test('another service is told who holds the port, runs on, and never takes it', bound, async () => {
  const group = await TestedGroup.create();
  const [owner] = await group.startMany(1);
  assert.ok(owner);
  await group.send(owner);

  const others = new TestedGroup(group.port);
  const apps = [others.launch('group-app.mjs'), others.launch('group-app.mjs')];
  for (const app of apps) {
    await app.line('stderr', /^routemeter: /);
    assert.deepEqual(app.stderr, [
      `routemeter: cannot listen on localhost:${group.port}: it belongs to the service ${group.service}, ` +
        `process ${owner.child.pid}. The metrics of this process are not served, the app goes on. ` +
        'Set OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT to choose another address.',
    ]);
    await others.send(app);
  }
  const scraped = await group.scrape();
  assert.deepEqual(counted(scraped), group.tally.expected);
  assert.equal(scraped.members, 1);

  await owner.end('SIGTERM');
  await delay(QUIET_MILLIS);
  await assert.rejects(group.scrape(), 'the port stays free');
  for (const app of apps) {
    assert.equal(app.stderr.length, 1);
    await others.send(app);
  }
  const [next] = await group.startMany(1);
  assert.ok(next);
  for (const app of apps) assert.equal(app.stderr.length, 1);
});

test('a port that a program of any other kind holds is left to it', bound, async () => {
  const port = await freePort();
  const program = createServer((socket) => socket.end('none of yours\n')).listen(port, 'localhost');
  await once(program, 'listening');
  const group = new TestedGroup(port);
  const app = group.launch('group-app.mjs');
  const tally = new Tally();
  await send(await app.url(), tally);
  await app.line('stderr', /^routemeter: /);
  assert.deepEqual(app.stderr, [
    `routemeter: cannot listen on localhost:${port}: the port is already in use. The metrics of this process are ` +
      'not served, the app goes on. Set OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT to choose ' +
      'another address.',
  ]);
  program.close();
  await once(program, 'close');
  await delay(QUIET_MILLIS);
  await send(await app.url(), tally);
  await assert.rejects(group.scrape());
  assert.equal(app.stderr.length, 1);
});
