/** One or more lines that must stay together. */
export interface Piece {
  /** Without a newline at the end. */
  readonly text: string;
  /** To be called when the text was sent, or is lost for good, so that it is not sent again. */
  commit(): void;
}

/** Pieces that fit into one packet, joined by newlines. */
export interface Packet {
  readonly text: string;
  readonly bytes: number;
  readonly pieces: readonly Piece[];
}

/**
 * Fills packets in the order of the pieces. Only a piece that alone is longer than the limit makes a packet that is.
 *
 * @param limit in bytes of UTF-8
 */
export function* packetsOf(pieces: Iterable<Piece>, limit: number): Generator<Packet> {
  let held: Piece[] = [];
  let bytes = 0;
  const packet = (): Packet => ({ text: held.map(({ text }) => text).join('\n'), bytes, pieces: held });
  for (const piece of pieces) {
    const length = Buffer.byteLength(piece.text);
    if (held.length > 0 && bytes + 1 + length > limit) {
      yield packet();
      held = [];
      bytes = 0;
    }
    bytes += length + (held.length > 0 ? 1 : 0);
    held.push(piece);
  }
  if (held.length > 0) yield packet();
}
