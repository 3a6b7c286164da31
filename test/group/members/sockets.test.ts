import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { listenAsMember, listenAtOnce } from '../../../src/group/members/member-socket.ts';
import { isAlive } from '../../../src/group/members/peer.ts';
import { until } from '../../until.ts';
import {
  bound,
  folderOf,
  guardOf,
  HELLO,
  LONG,
  pathOf,
  SECRET,
  startFakeMember,
  startMember,
  startPeer,
  startRaw,
  startStuckMember,
} from './sockets.ts';

/** Connections that do not greet are soon cut off. */
const QUICK = { greetingMillis: 250 };
const NOTHING = { onFlush: async () => {}, onOwnerGone: () => {} };

// The first one, while no connection of another test still closes.
test('neither a member nor an owner that waits for an answer keeps its process alive', bound, async (t) => {
  const holding = () =>
    process.getActiveResourcesInfo().filter((kind) => /^Pipe(Server)?Wrap$|Timeout/.test(kind));
  const before = holding();
  const { path, begun } = await startStuckMember(t);
  const stranger = startRaw(t, path);
  stranger.socket.unref();
  await once(stranger.socket, 'connect');
  void startPeer(t, path).peer.flush(LONG);
  await begun;
  const alive = isAlive(path, LONG);
  assert.deepEqual(holding(), before);
  assert.equal(await alive, true);
});

describe('a flush', bound, () => {
  test('is answered once the files are up to date', async (t) => {
    const flush = new EventEmitter();
    const { path } = await startMember(t, {
      onFlush: async () => {
        flush.emit('begun');
        await once(flush, 'written');
      },
    });
    const { peer } = startPeer(t, path);
    const begun = once(flush, 'begun');
    let answered = false;
    const flushed = peer.flush(LONG).then((result) => {
      answered = true;
      return result;
    });
    await begun;
    for (let trip = 0; trip < 5; trip += 1) await isAlive(path, LONG);
    assert.equal(answered, false);
    flush.emit('written');
    assert.equal(await flushed, true);
  });

  test('runs once more for all requests that arrive while one runs, and each is answered', async (t) => {
    let runs = 0;
    const { path } = await startMember(t, {
      onFlush: async () => {
        runs += 1;
        await delay(1);
      },
    });
    const raw = startRaw(t, path);
    const numbers = Array.from({ length: 1000 }, (_, i) => i + 1);
    raw.socket.write(HELLO + numbers.map((number) => `flush ${number}\n`).join(''));
    await until(() => raw.text.includes('flushed 1000\n'));
    assert.equal(raw.text, numbers.map((number) => `flushed ${number}\n`).join(''));
    assert.ok(runs < 20, `${runs} runs`);
  });

  test('that fails ends the connection and is logged once, and another connection is answered', async (t) => {
    let runs = 0;
    const { path, said } = await startMember(t, {
      onFlush: async () => {
        runs += 1;
        if (runs <= 2) throw new Error('disk full');
      },
    });
    for (const flushed of [false, false, true]) {
      const { peer } = startPeer(t, path);
      assert.equal(await peer.flush(LONG), flushed);
      assert.equal(peer.open, flushed);
    }
    assert.deepEqual(said, ['routemeter: internal error at group, the app is not affected: disk full\n']);
  });

  test('that could not be done is reported as such, and the next one on its own', async (t) => {
    let written = false;
    const { path } = await startMember(t, { onFlush: async () => written });
    const { peer } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), false);
    assert.equal(peer.open, true);
    written = true;
    assert.equal(await peer.flush(LONG), true);
  });

  test('that is not answered in time is not sent again until it is', async (t) => {
    const fake = await startFakeMember(t);
    const { peer } = startPeer(t, fake.path);
    assert.equal(await peer.flush(20), false);
    assert.equal(await peer.flush(LONG), false);
    await until(() => fake.text.endsWith('flush 1\n'));
    fake.answer('flushed 1\n');
    let late: Promise<boolean> | undefined;
    await until(async () => {
      late = peer.flush(LONG);
      return (await Promise.race([late, delay(5, 'asked')])) === 'asked';
    });
    await until(() => fake.text.endsWith('flush 2\n'));
    fake.answer('flushed 2\n');
    assert.equal(await late, true);
    assert.equal(fake.text, `${HELLO}flush 1\nflush 2\n`);
  });

  test('fails at once when the connection cannot be made', async (t) => {
    const { peer, calls, said } = startPeer(t, pathOf(t));
    assert.equal(await peer.flush(LONG), false);
    assert.equal(await peer.flush(LONG), false);
    assert.deepEqual([peer.open, calls.closed, said], [false, 1, []]);
  });

  test('fails at once when the connection closes', async (t) => {
    const { path, member, begun } = await startStuckMember(t);
    const { peer, calls } = startPeer(t, path);
    const flushed = peer.flush(LONG);
    await begun;
    member.close();
    assert.equal(await flushed, false);
    assert.deepEqual([peer.open, calls.closed], [false, 1]);
  });

  test('fails at once when it is abandoned', async (t) => {
    const { path, calls, begun } = await startStuckMember(t);
    const { peer, calls: peerCalls } = startPeer(t, path);
    const flushed = peer.flush(LONG);
    await begun;
    peer.close();
    assert.equal(await flushed, false);
    assert.equal(peer.open, false);
    await until(() => calls.gone === 1);
    assert.equal(peerCalls.closed, 0, 'who closes knows');
  });
});

describe('the owner closes the connection at', bound, () => {
  const answers: [name: string, answer: string | Buffer, flushed: boolean][] = [
    ['the answer to another request', 'flushed 2\n', false],
    ['a second answer', 'flushed 1\nflushed 1\n', true],
    ['an answer of another kind', 'welcome\n', false],
    ['an answer with something behind', 'flushed 1 \n', false],
    ['an endless line', 'x'.repeat(201), false],
    ['bytes', randomBytes(300), false],
  ];
  for (const [name, answer, flushed] of answers) {
    test(name, async (t) => {
      const fake = await startFakeMember(t);
      const { peer, calls, said } = startPeer(t, fake.path);
      const asked = peer.flush(LONG);
      await until(() => fake.text.endsWith('flush 1\n'));
      fake.answer(answer);
      assert.equal(await asked, flushed);
      await until(() => calls.closed === 1);
      assert.deepEqual([peer.open, said], [false, []]);
      assert.equal(await peer.flush(LONG), false);
    });
  }

  test('an answer without a request', async (t) => {
    const fake = await startFakeMember(t);
    const { peer, calls } = startPeer(t, fake.path);
    await until(() => fake.text === HELLO);
    fake.answer('flushed 0\n');
    await until(() => calls.closed === 1);
    assert.equal(peer.open, false);
  });
});

describe('a stranger', bound, () => {
  /** What is sent, one piece at a time. */
  const cases: [name: string, ...pieces: (string | Buffer)[]][] = [
    ['with another secret', 'routemeter 1 0000000000\nflush 1\n'],
    ['with the beginning of the secret', `${HELLO.slice(0, -2)}\nflush 1\n`],
    ['with more than the secret', `${HELLO.slice(0, -1)}0\nflush 1\n`],
    ['with the secret in another version', HELLO.replace(' 1 ', ' 2 ')],
    ['with the secret and a carriage return', `${HELLO.slice(0, -1)}\r\nflush 1\n`],
    ['who greets late', `flush 1\n${HELLO}`],
    ['with an empty line', `\n${HELLO}`],
    ['with bytes', Buffer.concat([randomBytes(300), Buffer.from('\n')])],
    ['with zeros', Buffer.alloc(100_000)],
    ['with an endless line in pieces', 'x'.repeat(150), 'x'.repeat(150)],
    ['with half a line and silence', HELLO.slice(0, 10)],
    ['who says nothing'],
  ];
  for (const [name, ...pieces] of cases) {
    test(`${name} is disconnected and changes nothing`, async (t) => {
      const { path, calls, said } = await startMember(t, /s(?:ilence|ays nothing)$/.test(name) ? QUICK : {});
      const { peer } = startPeer(t, path);
      assert.equal(await peer.flush(LONG), true);
      const raw = startRaw(t, path);
      for (const piece of pieces) {
        if (raw.closed) break;
        raw.socket.write(piece);
        await delay(5);
      }
      await until(() => raw.closed);
      assert.equal(raw.text, '');
      assert.equal(await peer.flush(LONG), true);
      assert.deepEqual([calls, said], [{ flushes: 2, gone: 0 }, []]);
    });
  }

  test('that sends a byte now and then has no more time than others', async (t) => {
    const { path } = await startMember(t, QUICK);
    const raw = startRaw(t, path);
    let bytes = 0;
    for (; !raw.closed; bytes += 1) {
      raw.socket.write('r');
      await delay(5);
    }
    assert.ok(bytes <= 200, 'it was not the length of the line');
  });

  test('who floods is cut off, and a new owner is served afterwards', async (t) => {
    const { path, calls, said } = await startMember(t, QUICK);
    const { peer } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    const flood = Array.from({ length: 100 }, () => startRaw(t, path));
    assert.equal(await peer.flush(LONG), true);
    await until(() => flood.every(({ closed }) => closed));
    assert.equal(await peer.flush(LONG), true);
    assert.equal(await startPeer(t, path).peer.flush(LONG), true);
    assert.deepEqual([calls, said], [{ flushes: 4, gone: 0 }, []]);
  });
});

describe('the connections that a member serves', bound, () => {
  test('are at most sixteen', async (t) => {
    const { path, calls } = await startMember(t);
    const peers = Array.from({ length: 100 }, () => startPeer(t, path));
    const flushed = await Promise.all(peers.map(({ peer }) => peer.flush(LONG)));
    assert.equal(flushed.filter(Boolean).length, 16);
    assert.equal(peers.filter(({ peer }) => peer.open).length, 16);
    assert.equal(calls.gone, 0);
  });

  test('may belong to two owners, which come and go independently', async (t) => {
    const { path, calls, member } = await startMember(t);
    assert.equal(member.served, false);
    const old = startPeer(t, path);
    const next = startPeer(t, path);
    for (const { peer } of [old, next]) assert.equal(await peer.flush(LONG), true);
    old.peer.close();
    await until(() => calls.gone === 1);
    assert.equal(await next.peer.flush(LONG), true);
    assert.equal(member.served, true);
    next.peer.close();
    await until(() => calls.gone === 2);
    assert.equal(member.served, false);
  });

  test('may greet in pieces', async (t) => {
    const { path } = await startMember(t);
    const raw = startRaw(t, path);
    for (const piece of [HELLO.slice(0, 5), HELLO.slice(5, 20), `${HELLO.slice(20)}flush`, ' 7', '\n']) {
      raw.socket.write(piece);
      await delay(5);
    }
    await until(() => raw.text !== '');
    assert.equal(raw.text, 'flushed 7\n');
  });

  const mistakes = ['flush\n', 'flush one\n', 'flush -1\n', 'flushed 1\n', '\n', HELLO, 'x'.repeat(201)];
  for (const mistake of mistakes) {
    test(`end at ${JSON.stringify(mistake.slice(0, 20))}`, async (t) => {
      const { path, calls, said } = await startMember(t);
      const raw = startRaw(t, path);
      raw.socket.write(`${HELLO}${mistake}`);
      await until(() => raw.closed);
      assert.deepEqual(calls, { flushes: 0, gone: 1 });
      assert.deepEqual(said, []);
    });
  }
});

describe('a member', bound, () => {
  test('has closed everything when close returns, and the owner sees it', async (t) => {
    const { path, calls, member } = await startMember(t);
    const { peer, calls: peerCalls } = startPeer(t, path);
    assert.equal(await peer.flush(LONG), true);
    member.close();
    assert.equal(existsSync(path), false);
    member.close();
    await until(() => peerCalls.closed === 1);
    assert.equal(peer.open, false);
    assert.equal(await isAlive(path, LONG), false);
    assert.equal(calls.gone, 0, 'who closes knows');
  });

  test('listens before the event loop turns, and is there only then', async (t) => {
    const path = pathOf(t);
    const starting = startMember(t, { path });
    assert.equal(existsSync(path), true);
    assert.equal(await isAlive(path, LONG), true);
    const { member } = await starting;
    assert.deepEqual(readdirSync(dirname(path)), ['member.sock']);
    member.close();
    assert.deepEqual(readdirSync(dirname(path)), []);
  });

  const failures: [name: string, path: (folder: string) => string, code: string][] = [
    ['whose path is that of a folder', (folder) => folder, 'EADDRINUSE'],
    ['whose folder is gone', (folder) => join(folder, 'gone', 'member.sock'), 'EACCES'],
    [
      'that cannot be given its name',
      (folder) => {
        mkdirSync(join(folder, 'member.sock'));
        return join(folder, 'member.sock');
      },
      'EISDIR',
    ],
  ];
  for (const [name, path, code] of failures) {
    test(`${name} cannot listen`, async (t) => {
      const options = { path: path(folderOf(t)), secret: SECRET, guard: guardOf([]), ...NOTHING };
      // Whoever does not look at the failure is not harmed by it.
      assert.equal(listenAtOnce(options).socket, undefined);
      await assert.rejects(listenAsMember(options), { code });
    });
  }

  test('whose own code fails refuses the connection and logs that once', async (t) => {
    const FAULTS = Symbol.for('routemeter.faults');
    const said: string[] = [];
    Reflect.set(globalThis, FAULTS, new Set(['group']));
    const guard = guardOf(said);
    Reflect.deleteProperty(globalThis, FAULTS);
    const { path } = await startMember(t, { guard });
    for (const { peer } of [startPeer(t, path), startPeer(t, path)]) {
      assert.equal(await peer.flush(LONG), false);
    }
    assert.deepEqual(said, [
      'routemeter: internal error at group, the app is not affected: injected at group\n',
    ]);
  });

  test('is not disturbed by checks whether it is alive', async (t) => {
    const { path, calls, said } = await startMember(t);
    const { peer } = startPeer(t, path);
    const asked = await Promise.all(Array.from({ length: 10 }, () => isAlive(path, LONG)));
    assert.deepEqual(new Set(asked), new Set([true]));
    assert.equal(await peer.flush(LONG), true);
    assert.deepEqual(calls, { flushes: 1, gone: 0 });
    assert.deepEqual(said, []);
  });
});

test(
  'alive is whatever cannot be known, as a path through a file, but not a socket that is not there',
  bound,
  async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, 'file'), '');
    assert.equal(await isAlive(join(folder, 'file', 'member.sock'), LONG), true);
    assert.equal(await isAlive(join(folder, 'gone.sock'), LONG), false);
  },
);
