import type { StatsdConfig } from '../../../config/config.ts';
import type { Guard } from '../../../guest/guard.ts';

/**
 * What became of a payload:
 * - `accepted`: the socket took it, and nothing has refused it since
 * - `held`: nobody has got it, it can be sent again
 * - `dropped`: it is lost, or nobody can know; sending it again could count twice
 */
export type Outcome = 'accepted' | 'held' | 'dropped';

/** A way to a StatsD server. Creating it opens nothing. */
export interface Transport {
  /**
   * Sends one payload, opening the socket when there is none. One at a time: the next call comes after this one has
   * settled. Never rejects, and does not keep the process alive.
   *
   * @param urgent the process may be about to end: an attempt is made whatever came before, and pauses are short
   */
  send(payload: Buffer, urgent?: boolean): Promise<Outcome>;
  /** Closes the socket; what is being sent settles as `held` or `dropped`. */
  close(): void;
}

export interface TransportOptions {
  readonly guard: Guard;
  /** The receiver refused, could not be reached or went away; may be called any number of times in a row. */
  readonly onFailure: (error: unknown) => void;
  /** Packets that had been accepted turned out to be lost. */
  readonly onLost: (packets: number) => void;
}

export type CreateTransport = (config: StatsdConfig, options: TransportOptions) => Transport;
