import type { Log } from '../../../guest/log.ts';
import type { Exposition } from '../exposition.ts';

/** A way to write an exposition. Whatever it cannot express it converts, or leaves out with one warning. */
export interface Format {
  /** `text/plain` */
  readonly mediaType: string;
  /** Those of the media type that a client asks for, and that the answer names. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Text is in UTF-8. */
  readonly isText: boolean;
  /** Whether the answer names the escaping of names. Names in UTF-8 are written only in a format whose answer does. */
  readonly namesEscaping: boolean;
  /** Yields slices, some of them empty, between which the caller can yield to the event loop. */
  readonly write: (
    exposition: Exposition,
    log: Pick<Log, 'once'>,
  ) => Generator<string | Uint8Array, void, undefined>;
}
