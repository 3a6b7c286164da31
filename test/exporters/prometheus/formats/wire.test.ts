import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Wire } from '../../../../src/exporters/prometheus/formats/wire.ts';

// As in https://protobuf.dev/programming-guides/encoding
const fields: readonly (readonly [what: string, write: (wire: Wire) => void, hex: string])[] = [
  ['a varint of one byte', (wire) => wire.uint(1, 1), '0801'],
  ['a varint of two bytes', (wire) => wire.uint(1, 150), '089601'],
  ['the largest safe integer', (wire) => wire.uint(1, 2 ** 53 - 1), '08ffffffffffffff0f'],
  ['a field above 15', (wire) => wire.uint(16, 0), '800100'],
  ['a negative sint', (wire) => wire.sint(1, -2), '0803'],
  ['a positive sint', (wire) => wire.sint(1, 2), '0804'],
  ['a double', (wire) => wire.double(1, 1), '09000000000000f03f'],
  ['a text', (wire) => wire.string(2, 'testing'), '120774657374696e67'],
  ['a text in UTF-8', (wire) => wire.string(2, 'é\uD800'), '1205c3a9efbfbd'],
  ['a message', (wire) => wire.message(3, () => wire.uint(1, 150)), '1a03089601'],
  ['an empty message', (wire) => wire.message(3, () => {}), '1a00'],
  ['bytes', (wire) => wire.raw('\x00\xff'), '00ff'],
];

for (const [what, write, hex] of fields) {
  test(`${what} is ${hex}`, () => {
    const wire = new Wire();
    write(wire);
    assert.equal(Buffer.from(wire.take()).toString('hex'), hex);
    assert.equal(wire.take().length, 0);
  });
}

for (const length of [0, 1, 127, 128, 1023, 16_383, 16_384, 2_100_000]) {
  test(`a message of ${length} bytes, within another, has its length in front`, () => {
    const wire = new Wire();
    wire.uint(1, 1);
    wire.message(2, () => wire.message(3, () => wire.raw('x'.repeat(length))));
    wire.uint(1, 2);
    const bytes = wire.take();
    let at = 2;
    const varint = (): number => {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        const byte = bytes[at++] ?? 0;
        value += (byte & 127) * factor;
        if (byte < 128) return value;
      }
    };
    assert.equal(varint(), 2 * 8 + 2);
    const outer = varint();
    const start = at;
    assert.equal(varint(), 3 * 8 + 2);
    assert.equal(varint(), length);
    assert.equal(at + length - start, outer);
    assert.deepEqual([...bytes.slice(at + length)], [8, 2]);
  });
}
