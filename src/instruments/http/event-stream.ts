import type { ServerResponse } from 'node:http';

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
const TYPE = /^text\/event-stream\b/i;
const IN_HEAD = /\r\ncontent-type:[ \t]*text\/event-stream\b/i;
const LENGTH_IN_HEAD = /\r\ncontent-length:/i;

interface Written {
  readonly _hasBody?: unknown;
  /** That of the body, as far as Node.js knows it. */
  readonly _contentLength?: unknown;
  readonly _header?: unknown;
}

/** Whether a response whose head was written is an event stream. Such an answer has a body, and no length. */
export function isEventStream(response: ServerResponse & Written): boolean {
  const { _hasBody, _contentLength, _header: head, chunkedEncoding } = response;
  if (typeof head !== 'string' || _hasBody === false) return false;
  // Reading a head takes long.
  if (typeof _contentLength === 'number' && !chunkedEncoding) return false;
  return IN_HEAD.test(head) && !LENGTH_IN_HEAD.test(head);
}

export function isEventStreamType(contentType: unknown): boolean {
  return typeof contentType === 'string' && TYPE.test(contentType);
}
