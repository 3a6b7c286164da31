import type { LookupAddress } from 'node:dns';
import type { StatsdConfig } from '../../../config/config.ts';
import type { Guard } from '../../../guest/guard.ts';

/**
 * What became of a payload:
 * - `accepted`: the socket took it, and nothing has refused it since
 * - `held`: the server has not got it, and it can be sent again
 * - `dropped`: it is lost, or may be; sending it again could count it twice
 */
export type Outcome = 'accepted' | 'held' | 'dropped';

/** A way to a StatsD server. Creating it opens nothing. */
export interface Transport {
  /** Ends the last line of a payload: a newline on a stream, nothing in a datagram. */
  readonly lineEnd: '' | '\n';
  /**
   * Sends one payload, opening the socket if there is none. One at a time: call it again only after it has settled.
   * Never rejects, and does not keep the process alive.
   *
   * @param urgent the process may be about to end: skips the backoff and shortens pauses
   */
  send(payload: Buffer, urgent?: boolean): Promise<Outcome>;
  /** Closes the socket; what is being sent settles as `held` or `dropped`. The next `send` opens a new one. */
  close(): void;
}

export interface TransportOptions {
  readonly guard: Guard;
  /** The server refused, could not be reached or went away; may be called several times in a row. */
  readonly onFailure: (error: unknown) => void;
  /** Packets that had been accepted turned out to be lost. */
  readonly onLost: (packets: number) => void;
}

/** What tests replace. */
export interface TransportSystem {
  /** All addresses of a name, best first. */
  readonly lookup?: (host: string) => Promise<readonly LookupAddress[]>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
  /** Resolves after that many milliseconds, without keeping the process alive. */
  readonly delay?: (millis: number) => Promise<void>;
  /** Milliseconds that one write to a stream may take; 5000 by default. */
  readonly stallMillis?: number;
}

export type CreateTransport = (
  config: Pick<StatsdConfig, 'address' | 'dialect'>,
  options: TransportOptions,
  system?: TransportSystem,
) => Transport;
