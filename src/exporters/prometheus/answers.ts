import { PassThrough, Readable, type Writable } from 'node:stream';
import type { Answer } from '../../api/metrics-slot.ts';

/** An answer with a body that is written to a stream, which it ends. */
export function answerWith(
  status: number,
  headers: Answer['headers'],
  send: (target: Writable) => Promise<void>,
): Answer {
  const stream = (): ReadableStream<Uint8Array> => {
    const through = new PassThrough();
    send(through).catch((error) => through.destroy(error));
    return Readable.toWeb(through) as ReadableStream<Uint8Array>;
  };
  return { status, headers, send, stream };
}

/** An answer without a body. */
export function bare(status: number, headers: Answer['headers']): Answer {
  return { status, headers, send: async (target) => void target.end(), stream: () => null };
}

/** An answer of one line. */
export function plain(status: number, text: string, headers: Answer['headers'] = {}): Answer {
  const all = { 'content-type': 'text/plain; charset=utf-8', ...headers };
  return answerWith(status, all, async (target) => void target.end(`${text}\n`));
}
