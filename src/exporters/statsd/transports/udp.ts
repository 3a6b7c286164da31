import type { LookupAddress } from 'node:dns';
import { getBuiltinModule } from '../../../guest/builtin.ts';
import * as eventLoop from '../event-loop.ts';
import { type Attempt, createAttempt } from './attempt.ts';
import type { CreateTransport, Outcome } from './transport.ts';
import { connectUdp, type UdpSocket } from './udp-socket.ts';

/** Milliseconds after which a name is looked up again, while packets are accepted. */
const LOOK_UP_EVERY = 60_000;

/** Milliseconds between two rows of packets: a server on a busy host may wait four times as long for its turn. */
const PAUSE = 25;
/** The same when the process may be about to end. */
const URGENT_PAUSE = 5;

/**
 * StatsD over UDP, from a connected socket: only such a socket learns that nothing listens at the other end
 * (https://man7.org/linux/man-pages/man7/udp.7.html). A packet that is refused is `held`, and the next one looks the
 * name up again on a new socket. The addresses of a name are tried in turn until one does not refuse.
 *
 * What UDP cannot tell counts as `accepted`: packets that the network loses, that a server does not read before its
 * receive buffer is full or before it ends, and refusals that firewalls swallow. From another host a refusal takes
 * a round trip. A server that is down when a burst begins costs nothing if it is nearer than 25 ms; one that goes
 * down within a burst costs the packets of one round trip, of which at most one is reported to `onLost`.
 *
 * @throws TypeError for an address that is a path
 */
export const createUdpTransport: CreateTransport = (
  { address },
  { guard, onFailure, onLost },
  { lookup = lookUpAll, now = () => performance.now(), delay = eventLoop.delay } = {},
) => {
  if (address.transport === 'unix') throw new TypeError('UDP needs a host and a port');
  const { host, port } = address;
  const named = getBuiltinModule('node:net').isIP(host) === 0;
  let socket: UdpSocket | undefined;
  let lookedUpAt = 0;
  let refusedBy: string | undefined;
  let current: Attempt | undefined;

  const addresses = (): Promise<readonly LookupAddress[]> => {
    lookedUpAt = now();
    return lookup(host);
  };
  const fail = (error: unknown, address?: string): void => {
    if (socket?.failed) socket = undefined;
    refusedBy = address ?? refusedBy;
    onFailure(error);
  };

  /** The open socket, unless its name has moved to other addresses. */
  const connected = async (): Promise<UdpSocket | undefined> => {
    const there = socket;
    if (there === undefined || !named || now() - lookedUpAt < LOOK_UP_EVERY) return there;
    const found = await addresses().catch(() => []);
    if (found.length === 0 || found.some(({ address }) => address === there.address)) return socket;
    there.close();
    if (socket === there) socket = undefined;
    return socket;
  };

  const deliver = async (payload: Buffer, urgent: boolean, attempt: Attempt): Promise<Outcome> => {
    const pause = urgent ? URGENT_PAUSE : PAUSE;
    const there = await connected();
    if (attempt.over) return 'held';
    if (there !== undefined) {
      const { outcome, error } = await there.send(payload, pause);
      if (error !== undefined && !attempt.over) fail(error, outcome === 'held' ? there.address : undefined);
      return outcome;
    }
    let failure: unknown = new Error(`${host} has no address`);
    const found = await addresses();
    const inOrder = found.toSorted(
      (a, b) => Number(a.address === refusedBy) - Number(b.address === refusedBy),
    );
    for (const candidate of inOrder) {
      try {
        const opened = await connectUdp(candidate, port, {
          now,
          delay,
          onLate: guard('push', (error) => {
            onLost(1);
            fail(error, candidate.address);
          }),
        });
        if (attempt.over) {
          opened.close();
          return 'held';
        }
        socket = opened;
        const { outcome, error } = await opened.send(payload, pause);
        if (attempt.over) return outcome;
        if (outcome !== 'held') {
          if (error !== undefined) fail(error);
          return outcome;
        }
        failure = error;
      } catch (error) {
        failure = error;
      }
    }
    fail(failure, socket?.address);
    return 'held';
  };

  return {
    lineEnd: '',
    send(payload, urgent = false) {
      current = createAttempt((attempt) => deliver(payload, urgent, attempt), fail);
      return current.outcome;
    },
    close() {
      current?.settle(socket?.sending ? 'dropped' : 'held');
      socket?.close();
      socket = undefined;
    },
  };
};

function lookUpAll(host: string): Promise<readonly LookupAddress[]> {
  return getBuiltinModule('node:dns').promises.lookup(host, { all: true });
}
