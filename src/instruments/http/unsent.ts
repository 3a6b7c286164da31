import type { Socket } from 'node:net';
import { bytesInFlight } from './answer.ts';
import { before } from './before.ts';

/** On a socket: what the system had not taken of its last write when the connection was given up. */
const QUEUED = Symbol('routemeter.queued');

interface Queueing {
  [QUEUED]?: number;
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/** Looks at the queue of a connection when it is given up: a connection that is closed no longer has one. */
export function watchQueue(socket: Socket & Queueing): void {
  before(socket, '_destroy', () => {
    socket[QUEUED] = socket._handle?.writeQueueSize ?? 0;
  });
}

/** Bytes that a closed connection was given and the system has not taken; of a write that has failed, all of it. */
export function bytesUnsent(socket: Socket & Queueing): number {
  const inFlight = bytesInFlight(socket);
  return Math.min(inFlight, socket[QUEUED] || inFlight);
}
