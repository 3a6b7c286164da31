/** The status that was written, whatever the response says afterwards. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { it } from 'node:test';
import { writtenStatus } from '../../../src/instruments/http/answer.ts';

const OK = 'HTTP/1.1 200 OK\r\nx-padding: ---------------------\r\n\r\n';
const FAILED = 'HTTP/1.1 500 Internal Server Error\r\nx-padding: --\r\n\r\n';

const response = (_header: string | null, statusCode: number, statusMessage: string | undefined) =>
  ({ _header, statusCode, statusMessage }) as unknown as ServerResponse;

const HEADS: readonly (readonly [
  what: string,
  head: string | null,
  code: number,
  reason: string | undefined,
  status: number | undefined,
])[] = [
  ['before the head is written', null, 200, undefined, undefined],
  ['of a head that is not written yet', '', 200, undefined, undefined],
  ['of the first answer', OK, 200, 'OK', 200],
  ['of one like it', OK, 200, 'OK', 200],
  ['of one like it, whose code was changed', OK, 500, 'OK', 200],
  ['of one like it, which was changed into another', OK, 500, 'Internal Server Error', 200],
  ['of a failure whose head is as long', FAILED, 500, 'Internal Server Error', 500],
  ['of that one, whose code was changed', FAILED, 200, 'Internal Server Error', 500],
  ['of the first again, whose code was changed', OK, 500, 'OK', 200],
  ['with a reason of its own', 'HTTP/1.1 404 Nobody\r\n\r\n', 404, 'Nobody', 404],
  ['with that reason, whose code was changed', 'HTTP/1.1 404 Nobody\r\n\r\n', 200, 'Nobody', 404],
  ['with that reason, of another as long', 'HTTP/1.1 410 Nobody\r\n\r\n', 410, 'Nobody', 410],
  ['without a reason', 'HTTP/1.1 404 \r\n\r\n', 404, undefined, 404],
  ['with a code that no standard has', 'HTTP/1.1 799 unknown\r\n\r\n', 799, 'unknown', 799],
  ['of a very long head', `HTTP/1.1 200 OK\r\nx: ${'-'.repeat(10_000)}\r\n\r\n`, 500, 'OK', 200],
  ['of what is no head', 'ICY', 200, 'OK', 200],
];

it('has the status of a head', () => {
  assert.equal(OK.length, FAILED.length);
  for (const [what, head, code, reason, status] of HEADS) {
    assert.equal(writtenStatus(response(head, code, reason)), status, what);
  }
});
