/**
 * Reads what tests look at of an ExportMetricsServiceRequest into the shape of its JSON encoding, by the numbers of
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto
 */

type Scalar = 'string' | 'bool' | 'int' | 'sint' | 'fixed64' | 'double' | 'bytes';
type Field = readonly [name: string, type: Scalar | Schema, repeated?: 'repeated'];
interface Schema {
  readonly [field: number]: Field;
}
type Message = { [name: string]: unknown };

const VALUE: Schema = {
  1: ['stringValue', 'string'],
  2: ['boolValue', 'bool'],
  3: ['intValue', 'int'],
  4: ['doubleValue', 'double'],
};
const ATTRIBUTE: Schema = { 1: ['key', 'string'], 2: ['value', VALUE] };
const START: Field = ['startTimeUnixNano', 'fixed64'];
const NUMBER: Schema = {
  2: START,
  4: ['asDouble', 'double'],
  6: ['asInt', 'fixed64'],
  7: ['attributes', ATTRIBUTE, 'repeated'],
};
const HISTOGRAM: Schema = {
  2: START,
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['bucketCounts', 'fixed64', 'repeated'],
  7: ['explicitBounds', 'double', 'repeated'],
  9: ['attributes', ATTRIBUTE, 'repeated'],
};
const BUCKETS: Schema = { 2: ['bucketCounts', 'int', 'repeated'] };
const EXPONENTIAL: Schema = {
  1: ['attributes', ATTRIBUTE, 'repeated'],
  2: START,
  4: ['count', 'fixed64'],
  5: ['sum', 'double'],
  6: ['scale', 'sint'],
  8: ['positive', BUCKETS],
};
const data = (points: Schema): Schema => ({
  1: ['dataPoints', points, 'repeated'],
  2: ['aggregationTemporality', 'int'],
});
const METRIC: Schema = {
  1: ['name', 'string'],
  3: ['unit', 'string'],
  5: ['gauge', data(NUMBER)],
  7: ['sum', data(NUMBER)],
  9: ['histogram', data(HISTOGRAM)],
  10: ['exponentialHistogram', data(EXPONENTIAL)],
};
const SCOPE: Schema = { 1: ['scope', { 1: ['name', 'string'] }], 2: ['metrics', METRIC, 'repeated'] };
const RESOURCE: Schema = { 1: ['attributes', ATTRIBUTE, 'repeated'] };
const RESOURCE_METRICS: Schema = { 1: ['resource', RESOURCE], 2: ['scopeMetrics', SCOPE, 'repeated'] };
const REQUEST: Schema = { 1: ['resourceMetrics', RESOURCE_METRICS, 'repeated'] };

export const decodeProtobuf = (body: Buffer): unknown => decodeMessage(body, REQUEST);

/** An ExportMetricsServiceResponse with a partial success. */
export function encodePartialSuccess(rejectedDataPoints: number, errorMessage: string): Buffer {
  const text = Buffer.from(errorMessage);
  const partial = Buffer.concat([Buffer.from([0x08, rejectedDataPoints, 0x12, text.length]), text]);
  return Buffer.concat([Buffer.from([0x0a, partial.length]), partial]);
}

function decodeMessage(bytes: Buffer, schema: Schema): Message {
  const message: Message = {};
  const cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const tag = Number(varint(cursor));
    const wire = tag & 7;
    const raw = readRaw(cursor, wire);
    const field = schema[tag >> 3];
    if (field === undefined) continue;
    const [name, type, repeated] = field;
    const values =
      Buffer.isBuffer(raw) && typeof type === 'string' ? unpack(raw, type) : [convert(raw, type)];
    if (repeated === undefined) message[name] = values[0];
    else message[name] = [...((message[name] as unknown[] | undefined) ?? []), ...values];
  }
  return message;
}

/** Numbers in a row without tags, or one text. */
function unpack(bytes: Buffer, type: Scalar): unknown[] {
  if (type === 'string') return [bytes.toString()];
  const cursor = { bytes, at: 0 };
  const values: unknown[] = [];
  while (cursor.at < bytes.length) {
    values.push(convert(readRaw(cursor, type === 'fixed64' || type === 'double' ? 1 : 0), type));
  }
  return values;
}

type Cursor = { readonly bytes: Buffer; at: number };

function readRaw(cursor: Cursor, wire: number): bigint | Buffer {
  if (wire === 0) return varint(cursor);
  const length = wire === 1 ? 8 : wire === 5 ? 4 : Number(varint(cursor));
  const raw = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return wire === 1 ? raw.readBigUInt64LE() : raw;
}

function varint(cursor: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; ; shift += 7n) {
    const byte = cursor.bytes.readUInt8(cursor.at++);
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return value;
  }
}

function convert(raw: bigint | Buffer, type: Scalar | Schema): unknown {
  if (typeof type !== 'string') return decodeMessage(raw as Buffer, type);
  const bits = raw as bigint;
  if (type === 'bool') return bits !== 0n;
  if (type === 'double') return new Float64Array(new BigUint64Array([bits]).buffer)[0];
  if (type === 'sint') return Number((bits >> 1n) ^ -(bits & 1n));
  return Number(BigInt.asIntN(64, bits));
}
