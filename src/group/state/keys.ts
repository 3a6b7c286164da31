import {
  identityOf,
  type MetricDefinition,
  type StateKind,
  type StateMetric,
  type StateSeries,
  widthOf,
} from './state.ts';

/**
 * The text that goes with the doubles of a {@link State}: a line of JSON for each metric and for each series, in the
 * order in which they came. A metric is an object, a series the number of its metric and its key; its doubles follow
 * those of the series before it.
 */

export function keyLineOfMetric(definition: MetricDefinition): string {
  // JSON has no infinite numbers, and a boundary may be one.
  const boundaries = definition.boundaries?.map(String);
  return `${JSON.stringify({ ...definition, boundaries })}\n`;
}

export function keyLineOfSeries(metric: number, key: string): string {
  return `[${metric},${key}]\n`;
}

interface ReadMetric extends StateMetric {
  readonly width: number;
  readonly series: StateSeries[];
}

/** Reads the lines as they come. An unrecognised line stops the reading: what follows has no known place. */
export function createKeyReader() {
  const metrics: ReadMetric[] = [];
  let rest = '';
  let length = 0;
  let broken = false;

  const line = (text: string): boolean => {
    if (text.length > LONGEST_LINE) return false;
    if (text.startsWith('{')) {
      const definition = parseDefinition(text);
      if (definition === undefined) return false;
      metrics.push({ definition, identity: identityOf(definition), series: [], width: widthOf(definition) });
      return true;
    }
    if (!SERIES.test(text)) return false;
    const comma = text.indexOf(',');
    const metric = metrics[Number(text.slice(1, comma))];
    if (metric === undefined) return false;
    metric.series.push({ key: text.slice(comma + 1, -1), offset: length });
    length += metric.width;
    return true;
  };

  return {
    metrics,
    /** Doubles of all known series. */
    get length() {
      return length;
    },
    /** Whether there was an unrecognised line. */
    get broken() {
      return broken;
    },
    /** @param text any part of the lines; the rest of a line may come later */
    read(text: string): void {
      if (broken) return;
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      broken = !lines.every(line) || rest.length > LONGEST_LINE;
    },
  };
}

/** Characters; no process writes a longer line. */
const LONGEST_LINE = 2 ** 20;

/** JSON exactly as `JSON.stringify` writes it: what matches can be parsed, and matching costs a quarter of parsing. */
const TEXT = /"(?:[ !#-[\]-\uffff]|\\(?:["\\bfnrt]|u[\da-f]{4}))*"/.source;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]\d+)?/.source;
const ATTRIBUTE = `\\[${TEXT},(?:${TEXT}|${NUMBER}|true|false)\\]`;
const SERIES = new RegExp(`^\\[\\d+,\\[(?:${ATTRIBUTE}(?:,${ATTRIBUTE})*)?\\]\\]$`);

const KINDS: readonly unknown[] = [
  'counter',
  'observableCounter',
  'upDownCounter',
  'gauge',
  'histogram',
  'exponentialHistogram',
] satisfies StateKind[];

function parseDefinition(text: string): MetricDefinition | undefined {
  try {
    const read: Partial<Record<keyof MetricDefinition, unknown>> = JSON.parse(text);
    const { scope, name, description, unit, integer, kind } = read;
    if (!(scope instanceof Object && 'name' in scope && typeof scope.name === 'string')) return undefined;
    if (typeof name !== 'string' || typeof description !== 'string' || typeof unit !== 'string')
      return undefined;
    if (typeof integer !== 'boolean' || !KINDS.includes(kind)) return undefined;
    if ((kind === 'histogram') !== Array.isArray(read.boundaries)) return undefined;
    const boundaries = Array.isArray(read.boundaries) ? read.boundaries.map(Number) : undefined;
    if (boundaries?.some(Number.isNaN)) return undefined;
    return { ...(read as MetricDefinition), ...(boundaries && { boundaries }) };
  } catch {
    return undefined;
  }
}
