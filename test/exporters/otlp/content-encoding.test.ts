import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { decodeContent } from '../../../src/exporters/otlp/content-encoding.ts';

const text = Buffer.from('{}');
const CASES: readonly [coding: string | undefined, body: Buffer, content: Buffer][] = [
  [undefined, text, text],
  [' GZip ', gzipSync(text), text],
  ['x-gzip', gzipSync(text), text],
  ['deflate', deflateSync(text), text],
  ['br', brotliCompressSync(text), text],
  ['zstd', zstdCompressSync(text), text],
  ['gzip', Buffer.alloc(0), Buffer.alloc(0)],
  // Not what they are called.
  ['gzip', text, text],
  ['toString', text, text],
];
for (const [coding, body, content] of CASES) {
  test(`decodes ${body.length} bytes of ${coding}`, () => {
    assert.deepEqual(decodeContent(body, coding), content);
  });
}

test('a body that expands to more than a megabyte is left as it is', () => {
  const body = gzipSync(Buffer.alloc(2_000_000));
  assert.equal(decodeContent(body, 'gzip'), body);
});
