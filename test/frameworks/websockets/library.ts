import type { Packages } from '../../../scripts/pinned/install.ts';

/** What a client asks for, and what is measured of it. */
export interface Asked {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What it is answered; undefined if the connection is closed without an answer. */
  readonly status: number | undefined;
  /** Undefined if it has none. */
  readonly route?: string;
  /** Of what was closed without an answer. */
  readonly errorType?: string;
}

/** How text is said and heard over a connection, where a library has words of its own. */
export interface Talk {
  /** What the client says first, and what it is answered. */
  readonly hello?: readonly [said: string, heard: string];
  readonly said: (text: string) => string;
}

/** A library that accepts WebSockets, with an app in `apps` that has rooms, as `apps/rooms.mjs` says. */
export interface Library {
  /** For people. */
  readonly name: string;
  /** Its file in `apps`. */
  readonly app: string;
  /** Each with everything that is installed for it. The first package is the library. */
  readonly versions: readonly Packages[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the line at the start reads "per route". */
  readonly isSeen: boolean;
  readonly talk?: Talk;
  /** By titles, what is accepted as a room. */
  readonly accepted: Readonly<Record<string, Omit<Asked, 'status'>>>;
  /** By titles, what is not. */
  readonly refused: Readonly<Record<string, Asked>>;
  /** By titles, what is accepted and not measured. */
  readonly ignored?: Readonly<Record<string, Omit<Asked, 'status'>>>;
}

/** As in the titles of tests: `ws 8.23.0`. */
export function titleOf(packages: Packages): string {
  return Object.entries(packages)[0]?.join(' ') ?? '';
}
