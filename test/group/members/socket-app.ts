// A member or an owner of a group, which its open input keeps alive: `socket-app.ts role path secret`.
import { listenAsMember } from '../../../src/group/members/member-socket.ts';
import { connectPeer, isAlive } from '../../../src/group/members/peer.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';

export type Role = keyof typeof roles;

const LONG = 60_000;
const [, , role = '', path = '', secret = ''] = process.argv;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const guard = createGuard(createLog('debug', say));

const roles = {
  async member() {
    await listenAsMember({ path, secret, guard, onFlush: async () => {}, onOwnerGone: () => {} });
    say(`pid ${process.pid}`);
  },
  /** Has one answer, and waits for another. */
  async owner() {
    const peer = connectPeer({ path, secret, guard, onClose: () => say('closed') });
    say(`flushed ${await peer.flush(LONG)}`);
    void peer.flush(LONG);
    void isAlive(path, LONG);
  },
};

process.stdin.resume();
await roles[role as Role]();
