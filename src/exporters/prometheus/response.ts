import { pipeline, type Writable } from 'node:stream';
import { nextTurn } from '../../guest/turn.ts';

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

/** Bytes of the buffer that a response is encoded in, a piece after the other. */
const PIECE_BYTES = 128 * 1024;

/**
 * Writes the chunks one by one, yields to the event loop after each and waits for a slow client. Stops when the client
 * goes away.
 */
export async function writeChunks(
  response: Writable,
  chunks: Iterable<string | Uint8Array>,
  gzip: boolean,
): Promise<void> {
  const body = gzip ? await compressed(response) : response;
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (const chunk of chunks) {
    for (const piece of typeof chunk === 'string' ? encoded(chunk, buffer) : [chunk]) {
      if (response.destroyed || body.destroyed) return;
      if (piece.length > 0) await written(body, piece);
    }
    await nextTurn();
  }
  body.end();
}

const encoder = new TextEncoder();

/**
 * Pieces of the text in UTF-8, each of them in the same buffer: to get memory for every chunk of a long response takes
 * as long as to encode it.
 */
function* encoded(text: string, buffer: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let rest = text; rest.length > 0; ) {
    const { read, written } = encoder.encodeInto(rest, buffer);
    yield buffer.subarray(0, written);
    rest = rest.slice(read);
  }
}

/** Loads zlib only when a client asks for it: loading it costs some milliseconds. */
async function compressed(response: Writable): Promise<Writable> {
  const { constants, createGzip } = await import('node:zlib');
  const body = createGzip({ level: constants.Z_BEST_SPEED });
  // Each end closes the other; an error has nowhere to go.
  pipeline(body, response, () => {});
  return body;
}

/** Settles when the stream no longer needs the piece, or is closed. */
function written(stream: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('close', done);
      resolve();
    };
    stream.on('close', done);
    stream.write(piece, done);
  });
}
