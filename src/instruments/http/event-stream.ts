import type { ServerResponse } from 'node:http';

/** https://html.spec.whatwg.org/multipage/server-sent-events.html */
const TYPE = /^text\/event-stream\b/i;
const IN_HEAD = /\r\ncontent-type:[ \t]*text\/event-stream\b/i;

/** Whether a response whose head was written is an event stream. Such an answer has no length. */
export function isEventStream(response: ServerResponse & { readonly _header?: unknown }): boolean {
  if (!response.chunkedEncoding && response.req?.httpVersionMinor !== 0) return false;
  return (
    typeof response._header === 'string' && response.req?.method !== 'HEAD' && IN_HEAD.test(response._header)
  );
}

export function isEventStreamType(contentType: unknown): boolean {
  return typeof contentType === 'string' && TYPE.test(contentType);
}
