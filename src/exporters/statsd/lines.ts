import type { Dialect } from './dialects/dialect.ts';
import type { Sample } from './distribution.ts';
import { decimal, rate } from './numbers.ts';

/** Samples of one series that share a line. */
export interface SampleLine {
  /** What stands between the name and the tags: `:12.5|ms`. */
  readonly text: string;
  readonly samples: readonly Sample[];
}

/**
 * @param room bytes that a line's text may have; it has more when a single sample needs more
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

/** Each sample as it follows a name, as often as the dialect wants it. */
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
 * The values of a line have one rate in common: each count is taken apart into powers of two, whose reciprocals are
 * exact, and every power has a line.
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
