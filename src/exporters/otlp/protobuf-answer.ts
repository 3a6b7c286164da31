/**
 * The two messages that a backend answers with in protobuf, of which the library reads one and passes the other on as
 * text. Unknown fields are skipped; a body that is not protobuf gives undefined:
 * https://protobuf.dev/programming-guides/encoding/
 */

/** https://opentelemetry.io/docs/specs/otlp/#partial-success-1 */
export interface PartialSuccess {
  readonly rejectedDataPoints: number;
  readonly errorMessage: string;
}

/** Reads an ExportMetricsServiceResponse. */
export function decodePartialSuccess(body: Buffer): PartialSuccess | undefined {
  const response = fields(body);
  if (response === undefined) return undefined;
  const partial = response.get(1);
  const values = Buffer.isBuffer(partial) ? fields(partial) : new Map<number, bigint | Buffer>();
  if (values === undefined) return undefined;
  const rejected = values.get(1);
  const message = values.get(2);
  return {
    rejectedDataPoints: typeof rejected === 'bigint' ? Math.max(Number(BigInt.asIntN(64, rejected)), 0) : 0,
    errorMessage: Buffer.isBuffer(message) ? message.toString() : '',
  };
}

/** Reads a google.rpc.Status: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
export function decodeStatusMessage(body: Buffer): string | undefined {
  const message = fields(body)?.get(2);
  return Buffer.isBuffer(message) ? message.toString() : undefined;
}

/** The last value of each field, by its number. */
function fields(bytes: Buffer): Map<number, bigint | Buffer> | undefined {
  const found = new Map<number, bigint | Buffer>();
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return undefined;
  };
  const chunk = (length: number): Buffer | undefined => {
    const start = at;
    at += length;
    return at <= bytes.length ? bytes.subarray(start, at) : undefined;
  };
  const lengthOf = (wire: number): number | undefined => {
    if (wire === 1) return 8;
    if (wire === 5) return 4;
    return wire === 2 ? Number(varint() ?? Number.POSITIVE_INFINITY) : undefined;
  };
  while (at < bytes.length) {
    const tag = Number(varint() ?? 0n);
    const wire = tag & 7;
    const length = wire === 0 ? 0 : lengthOf(wire);
    const value = wire === 0 ? varint() : length === undefined ? undefined : chunk(length);
    if (value === undefined || tag < 8) return undefined;
    found.set(Math.floor(tag / 8), value);
  }
  return found;
}
