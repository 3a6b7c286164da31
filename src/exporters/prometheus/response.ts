import type { ServerResponse } from 'node:http';
import { pipeline, type Writable } from 'node:stream';

/** True if the client takes gzip, https://www.rfc-editor.org/rfc/rfc9110#field.accept-encoding */
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
 * Writes the chunks one by one, lets the event loop go on after each and waits for a slow client. Stops, and leaves
 * the chunks unfinished, when the client goes away.
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

/** Loads zlib when the first client asks for it, for it would cost every start some milliseconds. */
async function compressed(response: ServerResponse): Promise<Writable> {
  const { constants, createGzip } = await import('node:zlib');
  const body = createGzip({ level: constants.Z_BEST_SPEED });
  // Either end takes the other with it; there is nobody to tell.
  pipeline(body, response, () => {});
  return body;
}

/** Settles when the stream takes more, or never will. */
function writable(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/** Not unref'ed: an idle event loop would then sleep in the middle of a response. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
