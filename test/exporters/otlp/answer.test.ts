import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptance, ownWords } from '../../../src/exporters/otlp/answer.ts';
import type { PartialSuccess } from '../../../src/exporters/otlp/protobuf-answer.ts';
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

const none = undefined;
const ACCEPTED: readonly [
  contentType: string | undefined,
  body: string | Buffer,
  PartialSuccess | undefined,
][] = [
  [PROTOBUF, '', none],
  [JSON_TYPE, '', none],
  [undefined, '', none],
  ['text/html', '', none],
  [JSON_TYPE, '{}', none],
  [`${JSON_TYPE}; charset=utf-8`, ' {} ', none],
  [undefined, '{}', none],
  ['text/plain', '{}', none],
  [JSON_TYPE, '{"partialSuccess":{}}', none],
  [JSON_TYPE, '{"partialSuccess":null}', none],
  [JSON_TYPE, '{"status":"success"}', none],
  [JSON_TYPE, '{"error":null,"ok":true}', none],
  [PROTOBUF, encodePartialSuccess(0, ''), none],
  // A field of the future, of each kind.
  [PROTOBUF, Buffer.from([0x10, 1, 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, 0x2a, 1, 0]), none],
  [PROTOBUF, encodePartialSuccess(5, 'too old'), { rejectedDataPoints: 5, errorMessage: 'too old' }],
  ['application/protobuf', encodePartialSuccess(5, ''), { rejectedDataPoints: 5, errorMessage: '' }],
  [undefined, encodePartialSuccess(0, 'beware'), { rejectedDataPoints: 0, errorMessage: 'beware' }],
  [
    JSON_TYPE,
    '{"partialSuccess":{"rejectedDataPoints":"5","errorMessage":"too old"}}',
    { rejectedDataPoints: 5, errorMessage: 'too old' },
  ],
  [
    JSON_TYPE,
    '{"partial_success":{"rejected_data_points":5,"error_message":"too old"}}',
    { rejectedDataPoints: 5, errorMessage: 'too old' },
  ],
  [JSON_TYPE, '{"partialSuccess":{"rejectedDataPoints":"-1"}}', none],
  // Minus one, in protobuf.
  [PROTOBUF, Buffer.from([0x0a, 11, 0x08, ...Array(9).fill(0xff), 1]), none],
];
for (const [contentType, body, partial] of ACCEPTED) {
  test(`it is OTLP: ${contentType} ${JSON.stringify(String(body))}`, () => {
    assert.deepEqual(acceptance(given(contentType, body)), { otlp: true, partial });
  });
}

const LOGIN = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please</body></html>';
const REFUSED: readonly [contentType: string | undefined, body: string | Buffer][] = [
  ['text/html', LOGIN],
  ['text/html; charset=utf-8', '<p>hello'],
  [undefined, LOGIN],
  [PROTOBUF, LOGIN],
  [JSON_TYPE, LOGIN],
  ['text/plain', 'OK'],
  [undefined, 'OK'],
  [JSON_TYPE, '[]'],
  [JSON_TYPE, 'null'],
  [JSON_TYPE, '"ok"'],
  [JSON_TYPE, '{"partialSuccess":'],
  [JSON_TYPE, '{"error":"login required"}'],
  [JSON_TYPE, '{"code":16,"message":"unauthenticated"}'],
  [JSON_TYPE, '{"success":false,"message":"no such tenant"}'],
  [JSON_TYPE, '{"ok":false}'],
  [PROTOBUF, '{}'],
  // Cut off.
  [PROTOBUF, encodePartialSuccess(5, 'too old').subarray(0, -1)],
  [PROTOBUF, Buffer.from([0x08])],
];
for (const [contentType, body] of REFUSED) {
  test(`it is not OTLP: ${contentType} ${JSON.stringify(String(body))}`, () => {
    assert.deepEqual(acceptance(given(contentType, body)), { otlp: false });
  });
}

const WORDS: readonly [contentType: string | undefined, body: string | Buffer, words: string][] = [
  [PROTOBUF, encodeStatus('bad metric'), 'bad metric'],
  [undefined, encodeStatus('bad metric'), 'bad metric'],
  [JSON_TYPE, '{"code":3,"message":"bad metric"}', 'bad metric'],
  ['application/problem+json', '{"title":"bad metric","status":400}', 'bad metric'],
  [JSON_TYPE, '{"error":{"code":3,"message":"bad metric"}}', 'bad metric'],
  [JSON_TYPE, '{"error":"bad metric"}', 'bad metric'],
  [JSON_TYPE, '{"why":1}', '{"why":1}'],
  [JSON_TYPE, 'bad metric', 'bad metric'],
  ['text/plain', 'bad metric\n', 'bad metric'],
  ['text/html', LOGIN, 'Sign in'],
  ['text/html', '<script>x()</script><h1>Bad</h1><p>metric', 'Bad metric'],
  [PROTOBUF, 'bad metric', 'bad metric'],
  [undefined, 'bad metric\n', 'bad metric'],
  [PROTOBUF, Buffer.from([1, 2, 3, 0xff]), ''],
  [PROTOBUF, '', ''],
  [undefined, '', ''],
];
for (const [contentType, body, words] of WORDS) {
  test(`its message: ${contentType} ${JSON.stringify(String(body))}`, () => {
    assert.equal(ownWords(given(contentType, body)).replace(/\s+/g, ' ').trim(), words);
  });
}
