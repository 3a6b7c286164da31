import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../../../src/exporters/otlp/answer.ts';
import { verdictOf } from '../../../src/exporters/otlp/verdict.ts';
import { createQuote } from '../../../src/exporters/otlp/words.ts';
import { encodePartialSuccess } from '../../receivers/otlp-protobuf.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');

function judged(answer: Partial<Answer>, secrets: readonly string[] = []) {
  const unset = { contentType: undefined, location: undefined, retryAfter: undefined, date: undefined };
  const { body = '', ...rest } = answer;
  const whole: Answer = { status: 200, statusText: '', ...unset, ...rest, body: Buffer.from(body) };
  return verdictOf(whole, createQuote(secrets), NOW);
}

const text = (words: string) => ({ contentType: 'text/plain', body: Buffer.from(words) });

const FAILURES: readonly [message: string, answer: Partial<Answer>, type?: string][] = [
  ['status 400 Bad Request', { status: 400, statusText: 'Bad Request' }],
  [
    'status 500 Oh: metric 7 has no name',
    { status: 500, statusText: 'Oh', ...text('metric 7\nhas no name\n') },
  ],
  ['status 403 Forbidden', { status: 403, statusText: 'Forbidden', ...text('Forbidden') }],
  ['status 302 to https://b/in', { status: 302, location: 'https://b/in?token=secret' }],
  ['status 307', { status: 307, location: '/' }],
  [
    'status 200, but the response, of type text/html; charset=utf-8, is not OTLP: Sign in',
    { contentType: 'text/html; charset=utf-8', body: Buffer.from('<html><title>Sign in</title></html>') },
    'not_otlp',
  ],
  ['status 200, but the response is not OTLP: OK', { body: Buffer.from('OK') }, 'not_otlp'],
];
for (const [message, answer, type = String(answer.status)] of FAILURES) {
  test(`a failure: ${message}`, () => {
    const verdict = judged(answer);
    assert.ok(verdict.status === 'failure');
    assert.deepEqual([verdict.error.type, verdict.error.message], [type, message]);
  });
}

for (const [status, retryAfter, millis, words] of [
  [429, '1', 1000, ' (it asks to wait 1 s)'],
  [502, 'Fri, 02 Jan 2026 03:04:35 GMT', 30_000, ' (it asks to wait 30 s)'],
  [503, 'soon', undefined, ''],
  [504, undefined, undefined, ''],
] as const) {
  test(`status ${status} is retryable, with Retry-After: ${retryAfter}`, () => {
    const verdict = judged({ status, retryAfter });
    assert.ok(verdict.status === 'retryable');
    assert.equal(verdict.error.retryAfterMillis, millis);
    assert.equal(verdict.error.message, `status ${status}${words}`);
  });
}

test('Retry-After of a failure that is not retryable is ignored', () => {
  const verdict = judged({ status: 500, retryAfter: '1' });
  assert.ok(verdict.status === 'failure');
  assert.equal(verdict.error.retryAfterMillis, undefined);
});

test('an OTLP response is a success, with its rejections', () => {
  assert.deepEqual(judged({}), { status: 'success', partial: undefined });
  assert.deepEqual(
    judged({ status: 202, contentType: 'application/x-protobuf', body: encodePartialSuccess(5, 'old') }),
    { status: 'success', partial: { rejectedDataPoints: 5, errorMessage: 'old' } },
  );
});

test('no secret is shown, wherever a backend repeats it', () => {
  const verdict = judged({ status: 401, statusText: 'no s3cr3t-1', ...text('s3cr3t-1 of k1') }, [
    's3cr3t-1',
    'k1',
  ]);
  assert.ok(verdict.status === 'failure');
  assert.equal(verdict.error.message, 'status 401 no ***: *** of ***');
});
