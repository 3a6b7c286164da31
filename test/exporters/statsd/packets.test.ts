import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Piece, packetsOf } from '../../../src/exporters/statsd/packets.ts';
import fc from '../../property.ts';

const piece = (text: string): Piece => ({ text, commit: () => undefined });

test('pieces share a packet, the lines of one stay together, and one beyond the limit is alone', () => {
  const texts = ['a:1|c', 'b:0|g\nb:-1|g', 'c', 'longer:1|c', 'd', 'e'];
  const packets = [...packetsOf(texts.map(piece), 9)].map(({ text }) => text);
  assert.deepEqual(packets, ['a:1|c', 'b:0|g\nb:-1|g', 'c', 'longer:1|c', 'd\ne']);
});

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
