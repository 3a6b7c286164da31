import { isRecord } from '../../guest/shape.ts';
import { quoted } from '../../guest/text.ts';
import type { Check, Given } from '../settings.ts';
import { GAUGE_AGGREGATIONS, type GaugeRule } from '../types.ts';
import { INSTRUMENT } from './boundaries.ts';
import { split } from './lists.ts';

export type Pairs = Readonly<Record<string, string>>;

/** How one kind of `key=value,key=value` is read. */
interface Kind {
  /** Whether text is percent-encoded; what comes from code never is. */
  readonly encoded: boolean;
  /** What is wrong with a pair, if anything. */
  readonly fault: (key: string, value: string, before: ReadonlyMap<string, string>) => string | undefined;
  /** Whether a = in a value has to be percent-encoded. */
  readonly oneEquals?: boolean;
  /** Whether messages number the entries instead of quoting them. */
  readonly secret?: boolean;
  readonly accepted: string;
}

/** A pair, or what is wrong with the entry that should have been one. */
type Pair = { readonly key: string; readonly value: string } | string;

/** `key=value,key=value`, or an object of strings. */
export function pairs(kind: Kind): (given: Given) => Pairs | undefined {
  const { fault, secret = false, accepted } = kind;
  return ({ value, fromCode, reject }) => {
    if (fromCode && !isRecord(value)) return reject('not an object', 'an object of strings');
    const entries: readonly (readonly [label: string, pair: Pair])[] = isRecord(value)
      ? Object.entries(value).map(([key, text]) => [key, pairOf(key, text)])
      : split(String(value)).map((entry) => [entry, parsePair(entry, kind)]);
    const found = new Map<string, string>();
    let sound = true;
    for (const [index, [label, pair]] of entries.entries()) {
      const what = typeof pair === 'string' ? pair : fault(pair.key, pair.value, found);
      if (what === undefined && typeof pair !== 'string') found.set(pair.key, pair.value);
      else {
        sound = false;
        reject(`${secret ? `entry ${index + 1}` : quoted(label)} ${what}`, accepted);
      }
    }
    return sound ? Object.fromEntries(found) : undefined;
  };
}

function pairOf(key: string, value: unknown): Pair {
  return typeof value === 'string' ? { key, value } : 'is not a string';
}

function parsePair(entry: string, { encoded, oneEquals = false }: Kind): Pair {
  const equals = entry.indexOf('=');
  if (equals < 0) return 'has no =';
  if (oneEquals && entry.includes('=', equals + 1)) return 'has a second =, which must be written as %3D';
  const [key, value] = [entry.slice(0, equals).trim(), entry.slice(equals + 1).trim()];
  if (!encoded) return { key, value };
  try {
    return { key: decodeURIComponent(key), value: decodeURIComponent(value) };
  } catch {
    return 'is not valid percent-encoding';
  }
}

/**
 * Baggage style without metadata:
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
const headerPairs = pairs({
  encoded: true,
  secret: true,
  fault(key, value) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key)) return 'has an invalid name';
    if (value === '') return 'has no value';
    return /^[\t\x20-\x7e\x80-\xff]+$/.test(value)
      ? undefined
      : 'has a character that headers cannot contain';
  },
  accepted: 'name=value,name2=value2, percent-encoded',
});

/** Names in lower case, so that a header given twice is one. */
export const headers: Check<Pairs> = (given) => {
  const found = headerPairs(given);
  return (
    found && Object.fromEntries(Object.entries(found).map(([name, value]) => [name.toLowerCase(), value]))
  );
};

/** https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable */
export const resourceAttributes = pairs({
  encoded: true,
  oneEquals: true,
  fault: (key) => (key === '' ? 'has no key' : undefined),
  accepted: 'key=value,key2=value2, percent-encoded',
});

const aggregationCalled = (word: string) => GAUGE_AGGREGATIONS.find((each) => each === word.toLowerCase());

const gaugePairs = pairs({
  encoded: false,
  fault(key, value, before) {
    if (!INSTRUMENT.test(key)) return 'has an invalid name';
    if (before.has(key)) return 'is given twice';
    if (value === '') return 'has no aggregation';
    return aggregationCalled(value) === undefined ? 'has an unknown aggregation' : undefined;
  },
  accepted: `name=aggregation,name2=aggregation2, * in names for any text, aggregations ${GAUGE_AGGREGATIONS.join(', ')}`,
});

/** `queue.length=max,config.*=newest`, or an object. */
export const gaugeRules: Check<readonly GaugeRule[]> = (given) => {
  const found = gaugePairs(given);
  return (
    found &&
    Object.entries(found).flatMap(([instrument, word]) => {
      const aggregation = aggregationCalled(word);
      return aggregation === undefined ? [] : { instrument, aggregation };
    })
  );
};
