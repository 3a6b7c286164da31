import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from '../../ports.ts';
import { bound, TestedGroup } from './tested-group.ts';

const GOES_ON =
  'The metrics of this process are not served; the app goes on. Set OTEL_EXPORTER_PROMETHEUS_HOST and ' +
  'OTEL_EXPORTER_PROMETHEUS_PORT to choose another address.';

test('a port of another service, or of any other program, is left to it', bound, async () => {
  const group = await TestedGroup.create();
  const owner = await group.start();
  await group.send(owner);
  const port = await freePort();
  const program = createServer((socket) => socket.end('none of yours\n')).listen(port, 'localhost');
  await once(program, 'listening');

  const others: readonly (readonly [group: TestedGroup, why: string])[] = [
    [new TestedGroup(group.port), `it belongs to the service ${group.service}, process ${owner.child.pid}`],
    [new TestedGroup(port), 'the port is already in use'],
  ];
  for (const [other, why] of others) {
    const app = other.launch('group-app.mjs');
    await other.send(app);
    await app.line('stderr', /^routemeter: /);
    assert.deepEqual(app.stderr, [
      `routemeter: cannot listen on localhost:${other.port}: ${why}. ${GOES_ON}`,
    ]);
  }
  await group.exact({ members: 1 });
  program.close();
});
