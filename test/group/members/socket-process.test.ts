import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { after, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../../src/group/members/peer.ts';
import { until } from '../../until.ts';
import type { Role } from './socket-app.ts';
import { bound, LONG, pathOf, SECRET, startMember, startPeer, startRaw } from './sockets.ts';

const APP = fileURLToPath(new URL('socket-app.ts', import.meta.url));

const programs = new Set<ChildProcess>();
after(() => {
  for (const program of programs) program.kill('SIGKILL');
});

/** A process of its own, which its open input keeps alive. */
async function startProgram(t: TestContext, role: Role, path = pathOf(t)) {
  const program = spawn(process.execPath, [APP, role, path, SECRET], { stdio: ['pipe', 'pipe', 'inherit'] });
  programs.add(program);
  t.after(() => program.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface(program.stdout).on('line', (line) => lines.push(line));
  await until(() => lines.length > 0);
  return {
    path,
    lines,
    pid: Number(lines[0]?.replace('pid ', '')),
    /** Closes the input, and resolves when the process has ended by itself. */
    async end(): Promise<void> {
      const ended = once(program, 'exit');
      program.stdin.end();
      assert.deepEqual(await ended, [0, null]);
    },
  };
}

describe('a member in another process', bound, () => {
  test('has ended when it is killed', async (t) => {
    const { path, pid } = await startProgram(t, 'member');
    const { peer, calls } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    assert.equal(await isAlive(path, LONG), true);
    process.kill(pid, 'SIGKILL');
    await until(() => calls.closed === 1);
    assert.equal(peer.open, false);
    assert.equal(existsSync(path), true, 'its socket is left behind');
    // The system may close a connection of a dead process before what it came through.
    await until(async () => !(await isAlive(path, LONG)));
    assert.equal(await peer.flush(LONG), false);
    assert.equal(calls.closed, 1);
  });

  test('is alive when it is stopped, even when no more connections are taken', async (t) => {
    const { path, pid } = await startProgram(t, 'member');
    process.kill(pid, 'SIGSTOP');
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
    const { path, pid } = await startProgram(t, 'member');
    const { peer, calls } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    process.kill(pid, 'SIGSTOP');
    assert.equal(await peer.flush(100), false);
    assert.equal(await peer.flush(LONG), false);
    assert.equal(await isAlive(path, LONG), true);
    assert.equal(peer.open, true);
    const late = startPeer(t, path);
    assert.equal(await late.peer.flush(100), false);
    process.kill(pid, 'SIGCONT');
    for (const each of [late.peer, peer]) await until(() => each.flush(LONG));
    assert.deepEqual([calls.closed, late.calls.closed], [0, 0]);
  });
});

describe('a process that has nothing else to do ends', bound, () => {
  test('as a member with an owner and a stranger connected', async (t) => {
    const { path, end } = await startProgram(t, 'member');
    const { peer } = startPeer(t, path);
    startRaw(t, path);
    assert.equal(await peer.flush(LONG), true);
    await end();
  });

  test('as an owner that waits for an answer', async (t) => {
    let runs = 0;
    const { path } = await startMember(t, {
      onFlush: async () => {
        runs += 1;
        if (runs > 1) await new Promise(() => {});
      },
    });
    const { lines, end } = await startProgram(t, 'owner', path);
    assert.deepEqual(lines, ['flushed true']);
    await until(() => runs === 2);
    await end();
  });
});
