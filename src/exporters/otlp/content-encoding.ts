import { getBuiltinModule } from '../../guest/builtin.ts';

/** Bytes of what a small answer may unfold to. */
const MOST = 1_048_576;

/**
 * The content of a body. Nobody is asked for a coding, and a server may choose one all the same; what cannot be decoded
 * is left as it is. https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding
 */
export function decodeContent(body: Buffer, coding: string | undefined): Buffer {
  const name = coding?.trim().toLowerCase() ?? '';
  if (body.length === 0 || name === '' || name === 'identity') return body;
  const zlib = getBuiltinModule('node:zlib');
  const decode = {
    gzip: zlib.gunzipSync,
    'x-gzip': zlib.gunzipSync,
    deflate: zlib.inflateSync,
    br: zlib.brotliDecompressSync,
    zstd: zlib.zstdDecompressSync,
  };
  const known = Object.hasOwn(decode, name) ? decode[name as keyof typeof decode] : undefined;
  try {
    return known?.(body, { maxOutputLength: MOST }) ?? body;
  } catch {
    return body;
  }
}
