import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { listenAsMember, type MemberSocketOptions } from '../../../src/group/members/member-socket.ts';
import { connectPeer } from '../../../src/group/members/peer.ts';
import { createGuard, type Guard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';

export const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };
export const SECRET = '6f1c0b9a7d';
export const HELLO = `routemeter 1 ${SECRET}\n`;
/** Milliseconds that no test waits for in vain. */
export const LONG = 60_000;

// Nothing under test keeps the process alive.
const alive = setInterval(() => {}, LONG);
after(() => clearInterval(alive));

export function folderOf(t: TestContext): string {
  const folder = mkdtempSync('/tmp/group-');
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

export const pathOf = (t: TestContext): string => join(folderOf(t), 'member.sock');

/** What was said goes into the list. */
export const guardOf = (said: string[]): Guard => createGuard(createLog('debug', (line) => said.push(line)));

/** A member in this process; counts what it is called for. */
export async function startMember(t: TestContext, options: Partial<MemberSocketOptions> = {}) {
  const path = pathOf(t);
  const said: string[] = [];
  const calls = { flushes: 0, gone: 0 };
  const member = await listenAsMember({
    path,
    secret: SECRET,
    guard: guardOf(said),
    onFlush: async () => {
      calls.flushes += 1;
    },
    onOwnerGone: () => {
      calls.gone += 1;
    },
    ...options,
  });
  t.after(() => member.close());
  return { path, said, calls, member };
}

/** A member in this process whose flush never ends. */
export async function startStuckMember(t: TestContext) {
  const flush = new EventEmitter();
  const begun = once(flush, 'begun');
  const onFlush = (): Promise<never> => {
    flush.emit('begun');
    return new Promise(() => {});
  };
  return { begun, ...(await startMember(t, { onFlush })) };
}

/** The owner's side, in this process. */
export function startPeer(t: TestContext, path: string, secret = SECRET) {
  const said: string[] = [];
  const calls = { closed: 0 };
  const peer = connectPeer({
    path,
    secret,
    guard: guardOf(said),
    onClose: () => {
      calls.closed += 1;
    },
  });
  t.after(() => peer.close());
  return { peer, calls, said };
}

/** A connection of anybody, which collects what it is told. */
export function startRaw(t: TestContext, path: string) {
  const socket = connect(path).setEncoding('latin1');
  const raw = { socket, text: '', closed: false };
  socket.on('data', (text: string) => {
    raw.text += text;
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    raw.closed = true;
  });
  t.after(() => socket.destroy());
  return raw;
}

/** A socket in a member's place, which answers what it is told to. */
export async function startFakeMember(t: TestContext) {
  let connection: Socket | undefined;
  const fake = {
    path: pathOf(t),
    text: '',
    answer: (text: string | Buffer) => connection?.write(text),
  };
  const server = createServer((socket) => {
    connection = socket.setEncoding('latin1');
    socket.on('error', () => {});
    socket.on('data', (text: string) => {
      fake.text += text;
    });
  });
  server.listen(fake.path);
  await once(server, 'listening');
  t.after(() => {
    connection?.destroy();
    server.close();
  });
  return fake;
}
