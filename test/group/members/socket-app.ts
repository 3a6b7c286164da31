// A member or a server of a group, which its open input keeps alive: `socket-app.ts role path secret`.
import cluster from 'node:cluster';
import { listenAsMember, type MemberSocket } from '../../../src/group/members/member-socket.ts';
import { connectPeer, isAlive } from '../../../src/group/members/peer.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';

export type Role = keyof typeof roles;

const LONG = 60_000;
const [, , role = '', path = '', secret = ''] = process.argv;
const say = (text: string): boolean => process.stdout.write(`${text}\n`);
const guard = createGuard(createLog('debug', say));

async function member(): Promise<MemberSocket> {
  const onOwnerGone = (): void => void say('server gone');
  const listening = await listenAsMember({ path, secret, guard, onFlush: async () => {}, onOwnerGone });
  say(`pid ${process.pid}`);
  return listening;
}

const roles = {
  member,
  /** Ends by `process.exit` when its input does. */
  async exit() {
    const { close } = await member();
    process.on('exit', close);
    process.stdin.on('end', () => process.exit());
  },
  /** The worker of a cluster whose primary lives on. */
  async worker() {
    if (!cluster.isPrimary) return member();
    setInterval(() => {}, LONG);
    return cluster.fork();
  },
  /** Has one answer, and waits for another. */
  async server() {
    const peer = connectPeer({ path, secret, guard, onClose: () => say('closed') });
    say(`flushed ${await peer.flush(LONG)}`);
    void peer.flush(LONG);
    void isAlive(path, LONG);
  },
};

if (cluster.isPrimary) process.stdin.resume();
await roles[role as Role]();
