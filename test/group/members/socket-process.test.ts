import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../../src/group/members/peer.ts';
import { until } from '../../until.ts';
import { bound, LONG, pathOf, SECRET, startPeer } from './sockets.ts';

const APP = fileURLToPath(new URL('socket-app.ts', import.meta.url));

const programs = new Set<ChildProcess>();
after(() => {
  for (const program of programs) program.kill('SIGKILL');
});

/** A process of its own. */
async function startProgram(t: TestContext) {
  const path = pathOf(t);
  const program = spawn(process.execPath, [APP, path, SECRET], { stdio: ['pipe', 'pipe', 'inherit'] });
  programs.add(program);
  t.after(() => program.kill('SIGKILL'));
  await once(program.stdout, 'data');
  return { path, kill: (signal: NodeJS.Signals) => program.kill(signal) };
}

describe('a member in another process', bound, () => {
  test('has ended when it is killed', async (t) => {
    const { path, kill } = await startProgram(t);
    const { peer, calls } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    assert.equal(await isAlive(path, LONG), true);
    kill('SIGKILL');
    await until(() => calls.closed === 1);
    assert.equal(peer.open, false);
    assert.equal(existsSync(path), true, 'its socket is left behind');
    // The system may close a connection of a dead process before what it came through.
    await until(async () => !(await isAlive(path, LONG)));
    assert.equal(await peer.flush(LONG), false);
    assert.equal(calls.closed, 1);
  });

  test('is alive when it is stopped, even when no more connections are taken', async (t) => {
    const { path, kill } = await startProgram(t);
    kill('SIGSTOP');
    const flood: Socket[] = [];
    t.after(() => {
      for (const socket of flood) socket.destroy();
    });
    let refused: unknown;
    for (let count = 0; count < 1000 && refused === undefined; count += 1) {
      const socket = connect(path).on('error', (error) => {
        refused = error;
      });
      flood.push(socket);
      await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    }
    if (process.platform === 'linux') assert.match(String(refused), /EAGAIN/);
    if (process.platform === 'linux') assert.equal(await isAlive(path, LONG), true);
  });

  test('is alive when it is stopped, and is waited for only once until it continues', async (t) => {
    const { path, kill } = await startProgram(t);
    const { peer, calls } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    kill('SIGSTOP');
    assert.equal(await peer.flush(100), false);
    assert.equal(await peer.flush(LONG), false);
    assert.equal(await isAlive(path, LONG), true);
    assert.equal(peer.open, true);
    const late = startPeer(t, path);
    assert.equal(await late.peer.flush(100), false);
    kill('SIGCONT');
    for (const each of [late.peer, peer]) await until(() => each.flush(LONG));
    assert.deepEqual([calls.closed, late.calls.closed], [0, 0]);
  });
});
