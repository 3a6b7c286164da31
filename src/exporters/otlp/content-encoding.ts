import { getBuiltinModule } from '../../guest/builtin.ts';

/** The most bytes that a small answer may decompress to. */
const MOST = 1_048_576;

/**
 * Decodes a body. We ask for no coding, but a server may choose one anyway; a body that cannot be decoded is left as it
 * is. https://www.rfc-editor.org/rfc/rfc9110#name-content-encoding
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
