import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptance, ownWords } from '../../../src/exporters/otlp/answer.ts';
import { encodePartialSuccess } from '../../receivers/otlp-protobuf.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

/** A google.rpc.Status: code 3, and a message. */
function encodeStatus(message: string): Buffer {
  const text = Buffer.from(message);
  return Buffer.concat([Buffer.from([0x08, 3, 0x12, text.length]), text]);
}

const given = (contentType: string | undefined, body: string | Buffer) => ({
  contentType,
  body: Buffer.from(body),
});

type Given = readonly [contentType: string | undefined, body: string | Buffer];

const COMPLETE: readonly Given[] = [
  ['text/html', ''],
  [`${JSON_TYPE}; charset=utf-8`, ' {} '],
  [undefined, '{}'],
  ['text/plain', '{}'],
  [JSON_TYPE, '{"partialSuccess":null}'],
  [JSON_TYPE, '{"status":"success"}'],
  [JSON_TYPE, '{"error":null,"ok":true}'],
  [PROTOBUF, encodePartialSuccess(0, '')],
  // A field of the future, of each kind.
  [PROTOBUF, Buffer.from([0x10, 1, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x2a, 1, 0])],
  // Minus one.
  [JSON_TYPE, '{"partialSuccess":{"rejectedDataPoints":"-1"}}'],
  [PROTOBUF, Buffer.from([0x0a, 11, 0x08, ...Array(9).fill(0xff), 1])],
];
const PARTIAL: readonly (readonly [...Given, rejectedDataPoints: number, errorMessage: string])[] = [
  ['application/protobuf', encodePartialSuccess(5, ''), 5, ''],
  [undefined, encodePartialSuccess(0, 'beware'), 0, 'beware'],
  [JSON_TYPE, '{"partialSuccess":{"rejectedDataPoints":"5","errorMessage":"old"}}', 5, 'old'],
  [JSON_TYPE, '{"partial_success":{"rejected_data_points":5,"error_message":"old"}}', 5, 'old'],
];
for (const [contentType, body, rejectedDataPoints, errorMessage] of [...COMPLETE, ...PARTIAL]) {
  test(`it is OTLP: ${contentType} ${JSON.stringify(String(body))}`, () => {
    const partial = errorMessage === undefined ? undefined : { rejectedDataPoints, errorMessage };
    assert.deepEqual(acceptance(given(contentType, body)), { otlp: true, partial });
  });
}

const LOGIN = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please</body></html>';
const REFUSED: readonly Given[] = [
  ['text/html; charset=utf-8', '<p>hello'],
  ...[undefined, PROTOBUF, JSON_TYPE].map((contentType) => [contentType, LOGIN] as const),
  ...['text/plain', undefined].map((contentType) => [contentType, 'OK'] as const),
  ...[
    ...['[]', 'null', '"ok"', '{"error":"login required"}', '{"code":16,"message":"unauthenticated"}'],
    ...['{"success":false,"message":"no such tenant"}', '{"ok":false}'],
  ].map((body) => [JSON_TYPE, body] as const),
  // Cut off.
  [PROTOBUF, encodePartialSuccess(5, 'too old').subarray(0, -1)],
  [PROTOBUF, Buffer.from([0x08])],
];
for (const [contentType, body] of REFUSED) {
  test(`it is not OTLP: ${contentType} ${JSON.stringify(String(body))}`, () => {
    assert.deepEqual(acceptance(given(contentType, body)), { otlp: false });
  });
}

const WORDS: readonly (readonly [...Given, words: string])[] = [
  [PROTOBUF, encodeStatus('bad metric'), 'bad metric'],
  [JSON_TYPE, '{"code":3,"message":"bad metric"}', 'bad metric'],
  ['application/problem+json', '{"title":"bad metric","status":400}', 'bad metric'],
  [JSON_TYPE, '{"error":{"code":3,"message":"bad metric"}}', 'bad metric'],
  [JSON_TYPE, '{"why":1}', '{"why":1}'],
  [JSON_TYPE, 'bad metric', 'bad metric'],
  ['text/plain', 'bad metric\n', 'bad metric'],
  ['text/html', LOGIN, 'Sign in'],
  ['text/html', '<script>x()</script><h1>Bad</h1><p>metric', 'Bad metric'],
  [PROTOBUF, 'bad metric', 'bad metric'],
  [PROTOBUF, Buffer.from([1, 2, 3, 0xff]), ''],
  [PROTOBUF, '', ''],
];
for (const [contentType, body, words] of WORDS) {
  test(`its message: ${contentType} ${JSON.stringify(String(body))}`, () => {
    assert.equal(ownWords(given(contentType, body)).replace(/\s+/g, ' ').trim(), words);
  });
}
