/** One line or several that belong together, and what it means that they have left. */
export interface Piece {
  /** Without the last newline. */
  readonly text: string;
  /** The text has been taken, or is lost for good: what it says is not said again. */
  commit(): void;
}

/** Pieces that fit into one packet, with a newline between them and none at the end. */
export interface Packet {
  readonly text: string;
  readonly bytes: number;
  readonly pieces: readonly Piece[];
}

/**
 * Fills packets in the order of the pieces, none longer than the limit but for a piece that is alone longer than it.
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
