// A member of a group, which its open input keeps alive: `socket-app.ts path secret`.
import { listenAsMember } from '../../../src/group/members/member-socket.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';

const [, , path = '', secret = ''] = process.argv;
const guard = createGuard(createLog('debug', console.log));
await listenAsMember({ path, secret, guard, onFlush: async () => {}, onOwnerGone: () => {} });
console.log('listens');
process.stdin.resume();
