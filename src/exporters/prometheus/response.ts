import type { ServerResponse } from 'node:http';
import { pipeline, type Writable } from 'node:stream';

/** Whether the client accepts gzip: https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const entry of (header ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}

/**
 * Writes the chunks one by one, yields to the event loop after each and waits for a slow client. Stops when the client
 * goes away.
 */
export async function writeChunks(
  response: ServerResponse,
  chunks: Iterable<string | Uint8Array>,
  gzip: boolean,
): Promise<void> {
  const body = gzip ? await compressed(response) : response;
  for (const chunk of chunks) {
    if (response.destroyed || body.destroyed) return;
    if (chunk.length > 0 && !body.write(chunk)) await writable(body);
    await nextTurn();
  }
  body.end();
}

/** Loads zlib only when a client asks for it: loading it costs some milliseconds. */
async function compressed(response: ServerResponse): Promise<Writable> {
  const { constants, createGzip } = await import('node:zlib');
  const body = createGzip({ level: constants.Z_BEST_SPEED });
  // Each end closes the other; an error has nowhere to go.
  pipeline(body, response, () => {});
  return body;
}

/** Settles when the stream is writable again, or closed. */
function writable(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** Not unref'ed, or an idle event loop would sleep in the middle of a response. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
