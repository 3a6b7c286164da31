import type { Histogram } from '@opentelemetry/sdk-metrics';
import type { Log } from '../../../guest/log.ts';
import { labelsOf } from '../../../metric-data/labels.ts';
import { isLegacyName } from '../escaping.ts';
import type { Exposition } from '../exposition.ts';
import { type Family, warnLeftOut } from '../families.ts';
import { escapeValue, labelText } from './label-text.ts';
import { valueText } from './numbers.ts';
import { hasOwnBound, type Merged, mergeFamily, type Series } from './series.ts';
import { createSeriesLabels } from './series-labels.ts';

/** What tells one text format from another. */
export interface TextDialect {
  /** The lines in front of a family's samples. */
  readonly head: (family: Family) => string;
  /**
   * The lines in front of samples that the format cannot write as the family that they are of: they become a family of
   * an unknown type, and those of a histogram one each of the buckets, sums and counts.
   */
  readonly unknownHead?: (name: string, family: Family) => string;
  /** Whether the format can write the family as what it is; by default it can. */
  readonly isWritable?: (family: Family, series: Merged) => boolean;
  /** The lines in front of the resource's sample. */
  readonly target: string;
  /** The text of a bucket's upper bound, which is finite. */
  readonly bound: (bound: number) => string;
  /** The last lines. */
  readonly end: string;
}

/** UTF-16 units, about 500 lines. */
const SLICE = 50_000;
const seriesLabels = createSeriesLabels(labelText);

/** Writes a text format in slices of about {@link SLICE} characters. */
export function* writeText(
  exposition: Exposition,
  log: Pick<Log, 'once'>,
  dialect: TextDialect,
): Generator<string, void, undefined> {
  const labelsOfFamily = seriesLabels(exposition);
  let text = target(exposition, dialect);
  for (const family of exposition.families) {
    for (const part of family.exponentialHistograms) {
      warnLeftOut(log, part, 'its text formats have no exponential histograms');
    }
    if (family.numbers.length === 0 && family.histograms.length === 0) continue;
    const merged = yield* mergeFamily(family, labelsOfFamily(family), log);
    for (const lines of samplesOf(family, merged, dialect)) {
      text += lines;
      if (text.length < SLICE) continue;
      yield text;
      text = '';
    }
  }
  yield text + dialect.end;
}

/**
 * Writes the resource, unless it is empty:
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
 */
function target({ resource, labels: defaults, naming }: Exposition, dialect: TextDialect): string {
  if (resource === undefined) return '';
  const labels = labelText(labelsOf(Object.entries(resource), defaults, naming.label));
  return labels === '' ? '' : `${dialect.target}target_info{${labels}} 1\n`;
}

function* samplesOf(
  family: Family,
  merged: Merged,
  dialect: TextDialect,
): Generator<string, void, undefined> {
  const { head, unknownHead, isWritable } = dialect;
  const { name, type } = family;
  if (unknownHead === undefined || isWritable?.(family, merged) !== false) {
    yield head(family);
    yield* numberLines(name, merged.numbers);
    const { buckets, sum, count } = histogramWriters(name, dialect);
    for (const each of merged.histograms) yield buckets(each) + sum(each) + count(each);
  } else if (type !== 'histogram') {
    yield unknownHead(name, family);
    yield* numberLines(name, merged.numbers);
  } else {
    const { buckets, sum, count } = histogramWriters(name, dialect);
    for (const [suffix, write] of [
      ['_bucket', buckets],
      ['_sum', sum],
      ['_count', count],
    ] as const) {
      yield unknownHead(name + suffix, family);
      for (const each of merged.histograms) yield write(each);
    }
  }
}

function* numberLines(name: string, series: readonly Series<number>[]): Generator<string, void, undefined> {
  const start = seriesStart(name);
  for (const { labels, value } of series) yield sample(start, labels, value);
}

/** A metric's name where it is written by itself; quoted if it has other characters than letters, digits, `_` and `:`. */
export function quotedName(name: string): string {
  return isLegacyName(name) ? name : `"${escapeValue(name)}"`;
}

/** How the line of a sample begins: with no labels, and with some, which follow. */
interface SeriesStart {
  readonly bare: string;
  readonly labelled: string;
}

/** A name in quotes is written within the braces. */
function seriesStart(name: string): SeriesStart {
  if (isLegacyName(name)) return { bare: name, labelled: `${name}{` };
  const quoted = quotedName(name);
  return { bare: `{${quoted}}`, labelled: `{${quoted},` };
}

function sample(start: SeriesStart, labels: string, value: number): string {
  return labels === ''
    ? `${start.bare} ${valueText(value)}\n`
    : `${start.labelled}${labels}} ${valueText(value)}\n`;
}

type HistogramWriter = (series: Series<Histogram>) => string;

function histogramWriters(
  name: string,
  dialect: TextDialect,
): Readonly<Record<'buckets' | 'sum' | 'count', HistogramWriter>> {
  const bucket = seriesStart(`${name}_bucket`).labelled;
  const [sum, count] = [seriesStart(`${name}_sum`), seriesStart(`${name}_count`)];
  return {
    buckets({ labels, value }) {
      const { boundaries, counts } = value.buckets;
      const texts = boundTexts(boundaries, dialect.bound);
      const start = labels === '' ? bucket : `${bucket}${labels},`;
      const next = `\n${start}`;
      let text = start;
      let cumulative = 0;
      for (let i = 0; i < texts.length; i++) {
        cumulative += counts[i] ?? 0;
        const bound = texts[i];
        if (bound !== undefined) text += bound + cumulative + next;
      }
      return `${text}le="+Inf"} ${value.count}\n`;
    },
    sum: ({ labels, value }) => (value.sum === undefined ? '' : sample(sum, labels, value.sum)),
    count: ({ labels, value }) => sample(count, labels, value.count),
  };
}

type BoundText = TextDialect['bound'];
type BoundTexts = readonly (string | undefined)[];
const known = new WeakMap<BoundText, WeakMap<readonly number[], BoundTexts>>();

/** The text between a bucket's labels and its count; undefined for a bound that is +Inf or given twice. */
function boundTexts(boundaries: readonly number[], textOf: BoundText): BoundTexts {
  let byBoundaries = known.get(textOf);
  if (byBoundaries === undefined) {
    byBoundaries = new WeakMap();
    known.set(textOf, byBoundaries);
  }
  let texts = byBoundaries.get(boundaries);
  if (texts === undefined) {
    texts = boundaries.map((bound, i) =>
      hasOwnBound(boundaries, i) ? `le="${textOf(bound)}"} ` : undefined,
    );
    byBoundaries.set(boundaries, texts);
  }
  return texts;
}
