import { createKeyReader, keyLineOfMetric, keyLineOfSeries } from './keys.ts';
import type { State, StateMetric } from './state.ts';

/** What retired members have counted. */
export interface RetiredTotals {
  readonly state: State;
  /** Members that are in it although their files may still be there: those no longer count. */
  readonly ids: readonly string[];
  /** How many members are in it. */
  readonly retired: number;
}

export const NOTHING_RETIRED: RetiredTotals = {
  state: { metrics: [], values: new Float64Array(0) },
  ids: [],
  retired: 0,
};

const FORMAT = 2;

/** A line of JSON, the lines of keys, the doubles, and a rest for each series. */
export function encodeRetired({ state, ids, retired }: RetiredTotals): Uint8Array {
  const lines = state.metrics.flatMap(({ definition, series }, number) => [
    keyLineOfMetric(definition),
    ...series.map(({ key }) => keyLineOfSeries(number, key)),
  ]);
  const keys = Buffer.from(lines.join(''));
  const rests = Float64Array.from(
    state.metrics.flatMap(({ series, rests }) => series.map((_, i) => rests?.[i] ?? 0)),
  );
  const header = { format: FORMAT, ids, retired, keys: keys.length, values: state.values.length };
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    keys,
    bytesOf(state.values),
    bytesOf(rests),
  ]);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** @returns undefined if the data is incomplete or of another format */
export function decodeRetired(data: Buffer): RetiredTotals | undefined {
  const end = data.indexOf('\n');
  const header = end < 0 ? undefined : parseHeader(data.toString('utf8', 0, end));
  if (header === undefined) return undefined;
  const start = end + 1;
  const middle = start + header.keys;
  const reader = createKeyReader();
  reader.read(data.toString('utf8', start, middle));
  if (reader.broken || reader.length !== header.values) return undefined;
  const series = reader.metrics.reduce((sum, metric) => sum + metric.series.length, 0);
  const doubles = new Float64Array(header.values + series);
  if (data.length !== middle + doubles.byteLength) return undefined;
  bytesOf(doubles).set(data.subarray(middle));
  let next = header.values;
  const metrics = reader.metrics.map((metric): StateMetric => {
    const first = next;
    next += metric.series.length;
    return { ...metric, rests: doubles.subarray(first, next) };
  });
  return {
    state: { metrics, values: doubles.subarray(0, header.values) },
    ids: header.ids,
    retired: header.retired,
  };
}

interface Header {
  readonly ids: readonly string[];
  readonly retired: number;
  readonly keys: number;
  readonly values: number;
}

function parseHeader(text: string): Header | undefined {
  try {
    const { format, ids, retired, keys, values } = JSON.parse(text);
    const numbers = [retired, keys, values].every((number) => Number.isSafeInteger(number) && number >= 0);
    if (format !== FORMAT || !numbers) return undefined;
    if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) return undefined;
    return { ids, retired, keys, values };
  } catch {
    return undefined;
  }
}
