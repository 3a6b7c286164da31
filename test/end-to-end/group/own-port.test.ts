import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../until.ts';
import { placeOf, requestsWritten } from './folder.ts';
import { send } from './load.ts';
import { bound, TestedGroup } from './tested-group.ts';

/** An app that listens on the port of the metrics, as its first server or once another one is measured. */
const program = (port: number, first: boolean): string => `
  import http from 'node:http';
  const listen = (port, host) =>
    new Promise((resolve, reject) =>
      http.createServer((_request, response) => response.end('own')).once('error', reject).listen(port, host, resolve));
  ${first ? '' : `await listen(0, '127.0.0.1');`}
  ${first ? '' : `await new Promise((resolve) => process.once('message', resolve));`}
  await listen(${port}, 'localhost').then(() => console.log('own listens'), (error) => console.log(error.code));
  process.once('disconnect', () => process.exit(0));
`;

describe('an app gets the port of the metrics though another process owns it', bound, () => {
  for (const [when, first] of [
    ['that it listens on first', true],
    ['that it listens on later', false],
  ] as const) {
    test(when, async () => {
      const group = await TestedGroup.create();
      const [owner, member] = await group.startMany(2);
      assert.ok(owner && member);
      await group.send(owner);
      await group.send(member);
      const place = placeOf(group.service);

      const app = group.launch(program(group.port, first));
      if (!first) {
        await app.line('stderr', /served by process/);
        app.child.send('go');
      }
      await app.line('stdout', /^own listens$/);
      assert.equal(await (await fetch(`http://localhost:${group.port}/`)).text(), 'own');
      // As a member it loses nothing, however it ends.
      if (!first) {
        group.tally.count({ method: 'GET', path: '/', route: '-', status: 200 }, 'app');
        await until('its request is written', () => requestsWritten(place, app.child.pid) === 1);
      }
      await owner.line('stderr', /the app takes port \d+ for itself/);
      await app.line('stderr', /the app takes port \d+ for itself/);

      // Nothing is lost meanwhile, and the port is the group's again when that app has ended.
      await send(await member.url(), group.tally);
      await app.end('SIGKILL');
      await group.exact({ members: 2, fresh: 2 });
    });
  }
});
