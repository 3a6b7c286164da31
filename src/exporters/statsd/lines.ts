import type { Dialect } from './dialects/dialect.ts';
import type { Sample } from './distribution.ts';
import { decimal, rate } from './numbers.ts';

/** One or more samples of a series on one line. */
export interface SampleLine {
  /** The text between the name and the tags: `:12.5|ms`. */
  readonly text: string;
  readonly samples: readonly Sample[];
}

/**
 * @param room the most bytes of a line's text, unless a single sample needs more
 */
export function sampleLines(
  samples: readonly Sample[],
  dialect: Dialect,
  room: number,
): Iterable<SampleLine> {
  switch (dialect.joined) {
    case 'samples':
      return filled(written(samples, dialect), room);
    case 'values':
      return packed(samples, dialect, room);
    default:
      return apart(written(samples, dialect));
  }
}

interface Written {
  readonly text: string;
  readonly sample: Sample;
}

/** Each sample as it follows a name, repeated if the dialect has no rates. */
function* written(samples: readonly Sample[], { distribution, weight }: Dialect): Generator<Written> {
  for (const sample of samples) {
    const text = `:${decimal(sample.value)}|${distribution}`;
    if (weight === 'rate') yield { sample, text: text + rate(sample.count) };
    else for (let i = 0; i < sample.count; i++) yield { sample: { ...sample, count: 1 }, text };
  }
}

function* apart(all: Iterable<Written>): Generator<SampleLine> {
  for (const { text, sample } of all) yield { text, samples: [sample] };
}

function* filled(all: Iterable<Written>, room: number, end = ''): Generator<SampleLine> {
  let texts: string[] = [];
  let bytes = end.length;
  let samples: Sample[] = [];
  const line = (): SampleLine => ({ text: texts.join('') + end, samples });
  for (const { sample, text } of all) {
    if (samples.length > 0 && bytes + text.length > room) {
      yield line();
      [texts, bytes, samples] = [[], end.length, []];
    }
    texts.push(text);
    bytes += text.length;
    samples.push(sample);
  }
  if (samples.length > 0) yield line();
}

/**
 * All values of a line have the same rate: each count is split into powers of two, whose reciprocals are exact, with
 * a line for every power.
 */
function* packed(samples: readonly Sample[], { distribution }: Dialect, room: number): Generator<SampleLine> {
  const most = samples.reduce((largest, { count }) => Math.max(largest, count), 0);
  for (let power = 1; power <= most; power *= 2) {
    const having = samples
      .filter(({ count }) => Math.floor(count / power) % 2 === 1)
      .map((sample) => ({ sample: { ...sample, count: power }, text: `:${decimal(sample.value)}` }));
    yield* filled(having, room, `|${distribution}${rate(power)}`);
  }
}
