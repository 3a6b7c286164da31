import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Piece, packetsOf } from '../../../src/exporters/statsd/packets.ts';
import fc from '../../property.ts';

const piece = (text: string): Piece => ({ text, commit: () => undefined });

const CASES: readonly (readonly [what: string, limit: number, pieces: string[], packets: string[]])[] = [
  ['no pieces are no packet', 10, [], []],
  ['pieces share a packet', 10, ['a:1|c', 'b:1'], ['a:1|c\nb:1']],
  ['up to the limit', 9, ['a:1|c', 'b:1'], ['a:1|c\nb:1']],
  ['the newline between counts', 8, ['a:1|c', 'b:1'], ['a:1|c', 'b:1']],
  ['bytes count, not characters', 8, ['é:1', 'é:2'], ['é:1', 'é:2']],
  ['a piece longer than the limit is alone', 4, ['a', 'long:1|c', 'b', 'c'], ['a', 'long:1|c', 'b\nc']],
  ['two lines of one piece stay together', 10, ['a:1|c', 'b:0|g\nb:-1|g'], ['a:1|c', 'b:0|g\nb:-1|g']],
];

for (const [what, limit, texts, packets] of CASES) {
  test(what, () => {
    const pieces = texts.map(piece);
    assert.deepEqual(
      [...packetsOf(pieces, limit)].map(({ text }) => text),
      packets,
    );
  });
}

test('pieces are generated only as packets are', () => {
  let asked = 0;
  const pieces = (function* () {
    for (;;) yield piece(`${asked++}`.padStart(4, '0'));
  })();
  const packets = packetsOf(pieces, 13);
  assert.equal(packets.next().value?.text, '0000\n0001');
  assert.equal(asked, 3);
});

test('every piece is in one packet, in order, and no packet could take the next piece', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '😀'), minLength: 1, maxLength: 20 }));
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 60 }), (all, limit) => {
      const pieces = all.map(piece);
      const packets = [...packetsOf(pieces, limit)];
      assert.deepEqual(
        packets.flatMap((packet) => packet.pieces),
        pieces,
      );
      packets.forEach((packet, i) => {
        assert.equal(packet.text, packet.pieces.map(({ text }) => text).join('\n'));
        assert.equal(packet.bytes, Buffer.byteLength(packet.text));
        assert.ok(packet.bytes <= limit || packet.pieces.length === 1);
        const next = packets[i + 1]?.pieces[0];
        if (next) assert.ok(packet.bytes + 1 + Buffer.byteLength(next.text) > limit);
      });
    }),
  );
});
