import { isRecord } from '../../guest/shape.ts';
import { printed, quoted } from '../../guest/text.ts';
import type { Check, Given } from '../settings.ts';
import type { BucketRule } from '../types.ts';

const MOST_BOUNDARIES = 200;

/** The name of an instrument, as OpenTelemetry allows it, or a pattern of names. */
export const INSTRUMENT = /^[A-Za-z*][\w./*-]*$/;

/**
 * `0.1,0.5,1` for every histogram of seconds (instrument `*`), `name=0.1,1` for the instruments of that name, or both
 * with `;` between them. From code an array or an object.
 */
export const bucketRules: Check<readonly BucketRule[]> = (given) => {
  const rules: BucketRule[] = [];
  let sound = true;
  for (const [instrument, boundaries] of bucketEntries(given)) {
    const what = rules.some((rule) => rule.instrument === instrument)
      ? 'is given twice'
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

/** A decimal number, or the text itself. */
function number(text: string): number | string {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : trimmed;
}

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
    if (boundary <= previous) return `does not increase: ${boundary} follows ${previous}`;
    previous = boundary;
  }
  return undefined;
}
