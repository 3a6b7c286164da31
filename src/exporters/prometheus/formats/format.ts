import type { Log } from '../../../guest/log.ts';
import type { Exposition } from '../exposition.ts';

/** A way to write an exposition. Whatever it cannot express it converts, or leaves out with one warning. */
export interface Format {
  /** The `Content-Type` of what it writes. */
  readonly contentType: string;
  /** Yields slices, some of them empty, between which the caller can yield to the event loop. */
  readonly write: (
    exposition: Exposition,
    log: Pick<Log, 'once'>,
  ) => Generator<string | Uint8Array, void, undefined>;
}
