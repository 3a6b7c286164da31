import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../../src/group/members/peer.ts';
import { until } from '../../until.ts';
import type { Role } from './socket-app.ts';
import { bound, folderOf, LONG, pathOf, SECRET, startMember, startPeer, startRaw } from './sockets.ts';

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
  for (const role of ['member', 'worker'] as const) {
    test(`is dead when it is killed: ${role === 'member' ? 'a process' : 'a worker of a cluster'}`, async (t) => {
      const { path, pid } = await startProgram(t, role);
      const { peer, calls } = startPeer(t, path);
      assert.equal(await peer.flush(LONG), true);
      assert.equal(await isAlive(path, LONG), true);
      process.kill(pid, 'SIGKILL');
      await until(() => calls.closed === 1);
      assert.equal(peer.open, false);
      assert.equal(existsSync(path), true, 'its socket is left behind');
      // The system may close a connection of the dead before what it came through.
      await until(async () => !(await isAlive(path, LONG)));
      assert.equal(await peer.flush(LONG), false);
      assert.equal(calls.closed, 1);
    });
  }

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

  test('is alive when it is stopped, and is waited for once until it goes on', async (t) => {
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

  test('learns that its server is gone', async (t) => {
    const { path, lines, end } = await startProgram(t, 'member');
    const { peer } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    assert.equal(await isAlive(path, LONG), true);
    peer.close();
    await until(() => lines.includes('server gone'));
    await end();
    assert.deepEqual(lines.slice(1), ['server gone']);
  });

  test('removes its socket when it exits', async (t) => {
    const folder = folderOf(t);
    const { path, end } = await startProgram(t, 'exit', join(folder, 'member.sock'));
    const { peer, calls } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    assert.deepEqual(readdirSync(folder), ['member.sock']);
    await end();
    assert.deepEqual(readdirSync(folder), []);
    await until(() => calls.closed === 1);
  });
});

describe('a process that has nothing else to do ends', bound, () => {
  test('as a member with a server and a stranger connected', async (t) => {
    const { path, end } = await startProgram(t, 'member');
    const { peer } = startPeer(t, path);
    startRaw(t, path);
    assert.equal(await peer.flush(LONG), true);
    await end();
  });

  test('as a server that waits for an answer', async (t) => {
    let runs = 0;
    const { path } = await startMember(t, {
      onFlush: async () => {
        runs += 1;
        if (runs > 1) await new Promise(() => {});
      },
    });
    const { lines, end } = await startProgram(t, 'server', path);
    assert.deepEqual(lines, ['flushed true']);
    await until(() => runs === 2);
    await end();
  });
});
