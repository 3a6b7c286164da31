/**
 * Writes Protocol Buffers into one buffer that grows: https://protobuf.dev/programming-guides/encoding
 *
 * A message within a message has its length in front, so it is written by `message`, which puts the length there
 * afterwards.
 */
export class Wire {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  /** What was written since the last call. */
  take(): Uint8Array {
    const taken = Uint8Array.prototype.slice.call(this.#bytes, 0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** An integer from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  uint(field: number, value: number): void {
    this.varint(field * 8);
    this.varint(value);
  }

  /** A `sint32` or `sint64`. */
  sint(field: number, value: number): void {
    this.uint(field, value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Lone surrogates are replaced. */
  string(field: number, value: string): void {
    this.varint(field * 8 + 2);
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.#reserve(length);
    this.#length += this.#bytes.write(value, this.#length, length);
  }

  /** Bytes as a string of one character each, with no field in front. */
  raw(bytes: string): void {
    this.#reserve(bytes.length);
    this.#length += this.#bytes.write(bytes, this.#length, 'latin1');
  }

  message(field: number, write: () => void): void {
    this.varint(field * 8 + 2);
    const start = this.#length;
    // Most messages are shorter than 128 bytes, so their length takes one.
    this.#reserve(1);
    this.#length += 1;
    write();
    const length = this.#length - start - 1;
    const extra = varintLength(length) - 1;
    if (extra > 0) {
      this.#reserve(extra);
      this.#bytes.copyWithin(start + 1 + extra, start + 1, this.#length);
    }
    this.#length = start;
    this.varint(length);
    this.#length += length;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}
