import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OTHER } from '../../metric-data/other.ts';
import { refusedStatus } from './answer.ts';
import { type Exchange, schemeOf } from './attributes.ts';
import { cutOf } from './cut.ts';

/** Node.js has the response here that has the connection. */
type State = Socket & { readonly _httpMessage?: ServerResponse | null };

/**
 * The request that Node.js has rejected on a closed connection without handing it to the app, since it could not parse
 * its head or has waited for it too long; undefined if it has not. Its method and route are unknown, and so is how long
 * it took: the clock starts when a head has been read. Node.js answers with 400, 431 or 408, unless the server has a
 * listener of `clientError`, whose answer is not known; if it does not destroy the socket with the error, nothing is.
 */
export function rejectedBy(socket: State): Exchange | undefined {
  const cut = cutOf(socket, { wasSentTo: false, isServers: false });
  if (cut !== 'malformed' && cut !== 'timeout') return undefined;
  // A connection that never said anything, or a request that is not measured.
  if (socket.bytesRead === 0 || socket._httpMessage) return undefined;
  return {
    request: undefined,
    method: OTHER,
    scheme: schemeOf(socket),
    protocolVersion: '1.1',
    route: undefined,
    status: refusedStatus(socket, 0),
    errorType: cut,
    streamKind: undefined,
    context: undefined,
    tags: undefined,
    details: undefined,
    busySeconds: undefined,
  };
}
