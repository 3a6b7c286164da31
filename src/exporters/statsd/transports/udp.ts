import type { LookupAddress } from 'node:dns';
import type { StatsdConfig } from '../../../config/config.ts';
import { getBuiltinModule } from '../../../guest/builtin.ts';
import type { Outcome, Transport, TransportOptions } from './transport.ts';
import { connectUdp, type UdpSocket } from './udp-socket.ts';

/** Milliseconds after which a name is looked up again, while packets are accepted. */
const LOOK_UP_EVERY = 60_000;

/** Milliseconds between two rows of packets. A server on a busy host may wait for its turn as long as four of them. */
const PAUSE = 25;
/** The same where the process may be about to end. */
const URGENT_PAUSE = 5;

/** What a test puts in place of the system. */
export interface UdpSystem {
  /** All addresses of a name, best first. */
  readonly lookup?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/**
 * StatsD over UDP, from a connected socket: only such a socket is told that nobody listens at the other end
 * (https://man7.org/linux/man-pages/man7/udp.7.html). A packet that is refused is `held`, and the next one looks the
 * name up and connects anew. A name with several addresses is tried at each until one does not refuse.
 *
 * What UDP cannot tell: a packet that the network loses, that a server does not read before its receive buffer is
 * full or before it ends, and refusals that firewalls swallow, count as `accepted`. From another host a refusal takes
 * a round trip. A server that is down when a burst begins costs nothing if it is nearer than 25 ms; one that goes
 * down within a burst costs the packets of one round trip, of which one is reported to `onLost` at most.
 *
 * @throws TypeError for an address that is a path
 */
export function createUdpTransport(
  { address }: StatsdConfig,
  { guard, onFailure, onLost }: TransportOptions,
  { lookup = lookUpAll, now = () => performance.now() }: UdpSystem = {},
): Transport {
  if (address.transport === 'unix') throw new TypeError('UDP needs a host and a port');
  const { host, port } = address;
  const named = getBuiltinModule('node:net').isIP(host) === 0;
  let socket: UdpSocket | undefined;
  let lookedUpAt = 0;
  let refusedBy: string | undefined;
  let current: { over: boolean; readonly settle: (outcome: Outcome) => void } | undefined;

  const addresses = (): Promise<readonly LookupAddress[]> => {
    lookedUpAt = now();
    return lookup(host);
  };
  const fail = (error: unknown, address?: string): void => {
    if (socket?.failed) socket = undefined;
    refusedBy = address ?? refusedBy;
    onFailure(error);
  };

  /** The socket that is there, unless its name has moved to other addresses. */
  const connected = async (): Promise<UdpSocket | undefined> => {
    const there = socket;
    if (there === undefined || !named || now() - lookedUpAt < LOOK_UP_EVERY) return there;
    const found = await addresses().catch(() => []);
    if (found.length === 0 || found.some(({ address }) => address === there.address)) return socket;
    there.close();
    if (socket === there) socket = undefined;
    return socket;
  };

  const deliver = async (
    payload: Buffer,
    urgent: boolean,
    attempt: { readonly over: boolean },
  ): Promise<Outcome> => {
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
    send: (payload, urgent = false) =>
      new Promise((resolve) => {
        const attempt = {
          over: false,
          settle(outcome: Outcome) {
            attempt.over = true;
            resolve(outcome);
          },
        };
        current = attempt;
        deliver(payload, urgent, attempt)
          .catch((error): Outcome => {
            if (!attempt.over) fail(error);
            return 'held';
          })
          .then(attempt.settle);
      }),
    close() {
      current?.settle(socket?.sending ? 'dropped' : 'held');
      socket?.close();
      socket = undefined;
    },
  };
}

function lookUpAll(host: string): Promise<readonly LookupAddress[]> {
  return getBuiltinModule('node:dns').promises.lookup(host, { all: true });
}
