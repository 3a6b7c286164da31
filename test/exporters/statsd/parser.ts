import type { StatsdDialect } from '../../../src/config/types.ts';

export interface Sample {
  readonly value: number;
  /** A gauge with a sign is added to the one before. */
  readonly signed: boolean;
  readonly type: string;
  /** How many it stands for. */
  readonly weight: number;
}

export interface Line {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
}

/** What a dialect's specification allows. */
interface Grammar {
  readonly tags?: {
    readonly place: 'name' | 'end';
    /** What they start with, what is between two, and between key and value. */
    readonly marks: readonly [start: string, between: string, is: string];
    readonly value: RegExp;
  };
  /** Types, and whether a sample rate is heeded. */
  readonly types: Readonly<Record<string, 'rate' | 'no rate'>>;
  /** How several samples share a line: each with its type and rate, or values alone with one for all. */
  readonly joined?: 'samples' | 'values';
  readonly whole?: true;
}

const NAME = /^[\w-]+(\.[\w-]+)*$/;

const dogstatsd: Grammar = {
  tags: { place: 'end', marks: ['#', ',', ':'], value: /^[^,|]+$/ },
  types: { c: 'no rate', g: 'no rate', d: 'rate' },
};

const GRAMMARS: Readonly<Record<StatsdDialect, Grammar>> = {
  // https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
  dogstatsd,
  // https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/#dogstatsd-protocol-v11
  datadog: { ...dogstatsd, joined: 'values' },
  // https://github.com/statsd/statsd/blob/master/docs/metric_types.md, each part of the name a folder or a file
  etsy: { types: { c: 'no rate', g: 'no rate', ms: 'no rate' }, joined: 'samples' },
  // https://graphite.readthedocs.io/en/latest/tags.html#carbon, and nothing that Etsy's server deletes
  graphite: {
    tags: { place: 'name', marks: [';', ';', '='], value: /^[A-Za-z0-9_./=-]+$/ },
    types: { c: 'no rate', g: 'no rate', ms: 'no rate' },
    joined: 'samples',
  },
  // The tags of Librato, in https://github.com/prometheus/statsd_exporter#tagging-extensions
  sysdig: {
    tags: { place: 'name', marks: ['#', ',', '='], value: /^[^,=#|:@[\]\s]+$/ },
    types: { c: 'no rate', g: 'no rate', ms: 'rate' },
  },
  // https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md#influx-statsd, and no tags of SignalFx
  telegraf: {
    tags: { place: 'name', marks: [',', ',', '='], value: /^[^,|:[\]\s]+$/ },
    types: { c: 'no rate', g: 'no rate', h: 'rate' },
    joined: 'samples',
    whole: true,
  },
};

/** A strict reader of one line: throws at anything that its dialect does not have. */
export function parseLine(dialect: StatsdDialect, line: string): Line {
  const grammar = GRAMMARS[dialect];
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(line)) fail('printable text', line);
  const atEnd = grammar.tags?.place === 'end' ? line.indexOf('|#') : -1;
  const body = atEnd < 0 ? line : line.slice(0, atEnd);
  const colon = body.indexOf(':');
  if (colon < 0) fail('a value', line);
  const head = body.slice(0, colon);
  const start = grammar.tags?.place === 'name' ? head.indexOf(grammar.tags.marks[0]) : -1;
  const name = start < 0 ? head : head.slice(0, start);
  const tagText = atEnd >= 0 ? line.slice(atEnd + 2) : start >= 0 ? head.slice(start + 1) : undefined;
  if (!NAME.test(name)) fail('a name', line);
  const samples = samplesOf(grammar, body.slice(colon + 1)).map((text) => parseSample(grammar, text, line));
  return { name, tags: parseTags(grammar, tagText, line), samples };
}

/** Each with its type and rate; of one name where the dialect does not join them, for then it is no sample. */
function samplesOf({ joined }: Grammar, text: string): string[] {
  if (joined === 'samples') return text.split(':');
  const bar = text.indexOf('|');
  if (joined === undefined || bar < 0) return [text];
  const [values, rest] = [text.slice(0, bar), text.slice(bar)];
  return values.split(':').map((value) => value + rest);
}

function parseTags(grammar: Grammar, text: string | undefined, line: string): Map<string, string> {
  const tags = new Map<string, string>();
  if (text === undefined || grammar.tags === undefined) return tags;
  const [, between, is] = grammar.tags.marks;
  for (const tag of text.split(between)) {
    const at = tag.indexOf(is);
    const [key, value] = [tag.slice(0, at), tag.slice(at + 1)];
    if (at < 0 || !/^\w+$/.test(key) || tags.has(key)) fail('a key, once', line);
    if (!grammar.tags.value.test(value)) fail('a value of a tag', line);
    tags.set(key, value);
  }
  return tags;
}

function parseSample(grammar: Grammar, text: string, line: string): Sample {
  const [, digits = '', type = '', rated] =
    /^(-?\d+(?:\.\d+)?)\|([a-z]+)(?:\|@(0\.\d+))?$/.exec(text) ?? fail('a sample', line);
  const value = Number(digits);
  const signed = digits.startsWith('-');
  const heeded = Object.hasOwn(grammar.types, type) ? grammar.types[type] : undefined;
  if (heeded === undefined || !Number.isFinite(value)) fail('a type and a number', line);
  if (signed && type !== 'g') fail('no sign', line);
  if (rated !== undefined && heeded === 'no rate') fail('no rate', line);
  if (grammar.whole && type === 'c' && !Number.isInteger(value)) fail('an integer', line);
  return { value, signed, type, weight: rated === undefined ? 1 : Math.trunc(1 / Number(rated)) };
}

function fail(expected: string, line: string): never {
  throw new Error(`expected ${expected}: ${JSON.stringify(line)}`);
}
