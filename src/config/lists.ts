import { printed, quoted } from '../guest/text.ts';
import { type Check, type Given, isRecord } from './settings.ts';
import type { AttributeRule, BucketRule, GaugeAggregation, GaugeRule } from './types.ts';

const MOST_BOUNDARIES = 200;

/** `a,b` or an array. */
export const list: Check<readonly string[]> = ({ value, fromCode, reject }) => {
  if (!fromCode) return split(String(value));
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  return reject('not a list of texts', "an array such as ['a', 'b']");
};

/** The entries between commas, without blanks around them; empty ones do not count. */
export function split(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/** What is wrong with one entry, if anything. */
type Fault = (entry: string) => string | undefined;

/** A list whose every entry is good; each one that is not is a problem. */
function listOf(fault: Fault, accepted: string): Check<readonly string[]> {
  return (given) => {
    const entries = list(given);
    const faults = (entries ?? []).flatMap((entry) => fault(entry) ?? []);
    for (const what of faults) given.reject(what, accepted);
    return faults.length === 0 ? entries : undefined;
  };
}

/** `/healthz`, `/internal/*`, or `*`. */
export const ignored = listOf(
  (entry) => (entry.startsWith('/') || entry === '*' ? undefined : `${quoted(entry)} does not start with /`),
  'paths such as /healthz,/internal/*, or *',
);

const signed = listOf((entry) => {
  if (!/^[+-]/.test(entry)) return `${quoted(entry)} starts with neither + nor -`;
  return /^.\S+$/.test(entry) ? undefined : `${quoted(entry)} names no attribute`;
}, '+name to keep and -name to drop, * for any text');

/** `+server.address,-url.*` */
export const attributeRules: Check<readonly AttributeRule[]> = (given) =>
  signed(given)?.map((entry) => ({ attribute: entry.slice(1), keep: entry.startsWith('+') }));

/**
 * `0.1,0.5,1` for every histogram of seconds (instrument `*`), `name=0.1,1` for the instruments of that name, or
 * both, with `;` between them. From code an array or an object.
 */
export const bucketRules: Check<readonly BucketRule[]> = (given) => {
  const rules: BucketRule[] = [];
  let sound = true;
  for (const [instrument, boundaries] of bucketEntries(given)) {
    const what = rules.some((rule) => rule.instrument === instrument)
      ? 'is there twice'
      : bucketFault(instrument, boundaries);
    if (what === undefined) {
      rules.push({ instrument, boundaries: boundaries.map(Number) });
      continue;
    }
    sound = false;
    given.reject(
      instrument === '*' ? `the list for all durations ${what}` : `${quoted(instrument)} ${what}`,
      'increasing numbers such as 0.1,0.5,1, or name=0.01,0.1 with ; between several',
    );
  }
  return sound ? rules : undefined;
};

function bucketEntries({ value, fromCode }: Given): readonly (readonly [string, readonly unknown[]])[] {
  if (fromCode) {
    if (!isRecord(value)) return [['*', Array.isArray(value) ? value : [value]]];
    return Object.entries(value).map(([name, list]) => [name, Array.isArray(list) ? list : [list]]);
  }
  return String(value)
    .split(';')
    .filter((rule) => rule.trim() !== '')
    .map((rule) => {
      const equals = rule.indexOf('=');
      const boundaries = rule.slice(equals + 1).split(',');
      return [equals < 0 ? '*' : rule.slice(0, equals).trim(), boundaries.map(number)];
    });
}

/** A decimal number, or the text as it was. */
function number(text: string): number | string {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : trimmed;
}

/** The name of an instrument, as OpenTelemetry allows it, or a pattern of names. */
const INSTRUMENT = /^[A-Za-z*][\w./*-]*$/;

function bucketFault(instrument: string, boundaries: readonly unknown[]): string | undefined {
  if (!INSTRUMENT.test(instrument)) return 'is not the name of an instrument';
  if (boundaries.length === 0 || (boundaries.length === 1 && boundaries[0] === '')) {
    return 'has no boundaries';
  }
  if (boundaries.length > MOST_BOUNDARIES) return `has more than ${MOST_BOUNDARIES} boundaries`;
  let previous = Number.NEGATIVE_INFINITY;
  for (const boundary of boundaries) {
    if (typeof boundary !== 'number' || !Number.isFinite(boundary)) {
      return `has ${printed(boundary)}, which is not a finite number`;
    }
    if (boundary <= previous) return `has ${boundary} after ${previous}`;
    previous = boundary;
  }
  return undefined;
}

export type Pairs = Readonly<Record<string, string>>;

/** How one kind of `key=value,key=value` is read. */
interface Kind {
  /** Undoes percent-encoding, in text only: what comes from code is taken as it is. */
  readonly encoded: boolean;
  /** What is wrong with a pair, if anything. */
  readonly fault: (key: string, value: string, before: ReadonlyMap<string, string>) => string | undefined;
  /** A value holds no `=` that is not percent-encoded. */
  readonly oneEquals?: boolean;
  /** Messages number the entries instead of quoting them. */
  readonly secret?: boolean;
  readonly accepted: string;
}

/** A pair, or what is wrong with the entry that should have been one. */
type Pair = { readonly key: string; readonly value: string } | string;

/** `key=value,key=value`, or an object of texts. */
export function pairs({ encoded, oneEquals = false, fault, secret = false, accepted }: Kind): Check<Pairs> {
  return ({ value, fromCode, reject }) => {
    if (fromCode && !isRecord(value)) return reject('not an object', 'an object of texts');
    const entries: readonly (readonly [label: string, pair: Pair])[] = isRecord(value)
      ? Object.entries(value).map(([key, text]) => [key, pairOf(key, text)])
      : split(String(value)).map((entry) => [entry, parsePair(entry, encoded, oneEquals)]);
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
  return typeof value === 'string' ? { key, value } : 'is not a text';
}

function parsePair(entry: string, encoded: boolean, oneEquals: boolean): Pair {
  const equals = entry.indexOf('=');
  if (equals < 0) return 'has no =';
  if (oneEquals && entry.includes('=', equals + 1)) return 'has a second =, which is written %3D';
  const [key, value] = [entry.slice(0, equals).trim(), entry.slice(equals + 1).trim()];
  if (!encoded) return { key, value };
  try {
    return { key: decodeURIComponent(key), value: decodeURIComponent(value) };
  } catch {
    return 'has a % that encodes nothing';
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
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(key)) return 'has no valid name';
    if (value === '') return 'has no value';
    return /^[\t\x20-\x7e\x80-\xff]+$/.test(value) ? undefined : 'has a character that no header may hold';
  },
  accepted: 'name=value,name2=value2, percent-encoded',
});

/** Names in lower case, so that the same header given twice is one. */
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

const GAUGE_AGGREGATIONS: ReadonlyMap<string, GaugeAggregation> = new Map(
  (['sum', 'max', 'min', 'newest', 'process'] as const).map((word) => [word, word]),
);

const gaugePairs = pairs({
  encoded: false,
  fault(key, value, before) {
    if (!INSTRUMENT.test(key)) return 'has no valid name';
    if (before.has(key)) return 'is there twice';
    if (value === '') return 'has no aggregation';
    return GAUGE_AGGREGATIONS.has(value.toLowerCase()) ? undefined : 'has an unknown aggregation';
  },
  accepted: `name=aggregation,name2=aggregation2, * in names for any text, aggregations ${[...GAUGE_AGGREGATIONS.keys()].join(', ')}`,
});

/** `queue.length=max,config.*=newest`, or an object of these. */
export const gaugeRules: Check<readonly GaugeRule[]> = (given) => {
  const found = gaugePairs(given);
  return (
    found &&
    Object.entries(found).flatMap(([instrument, word]) => {
      const aggregation = GAUGE_AGGREGATIONS.get(word.toLowerCase());
      return aggregation === undefined ? [] : { instrument, aggregation };
    })
  );
};
