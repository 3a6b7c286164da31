import { type Attributes, type Meter, ValueType } from '@opentelemetry/api';

/** Numbers for which JSON has no literal, or no room, and what is left of them. */
export const NUMBERS: readonly [name: string, number: number][] = [
  ['nan', Number.NaN],
  ['infinite', Number.POSITIVE_INFINITY],
  ['minus.infinite', Number.NEGATIVE_INFINITY],
  ['minus.zero', -0],
  ['beyond.int64', 2 ** 63],
  ['below.int64', -(2 ** 63) - 2048],
  ['huge', 1.5e300],
  ['largest.safe', Number.MAX_SAFE_INTEGER],
  ['unsafe', 2 ** 62],
];

/** What an app can record that not every encoding has words for, each as an instrument of its own. */
export function recordExtremes(meter: Meter): void {
  for (const [name, number] of NUMBERS) {
    meter.createGauge(`gauge.${name}`).record(number);
    meter.createGauge(`integer.${name}`, { valueType: ValueType.INT }).record(number);
    meter.createObservableGauge(`observed.${name}`).addCallback((result) => result.observe(number));
    meter.createCounter(`attribute.${name}`).add(1, { number });
  }
  const price = meter.createHistogram('price', { advice: { explicitBucketBoundaries: [1, 10] } });
  price.record(Number.POSITIVE_INFINITY);
  price.record(5);
  const loss = meter.createHistogram('loss');
  loss.record(Number.NEGATIVE_INFINITY);
  meter.createCounter('many', { valueType: ValueType.INT }).add(1e22);
  meter
    .createCounter('surrogates', { description: 'a \ud800 b' })
    .add(1, { alone: 'x\udc00y', 'key\ud800': 'z' });
  meter.createCounter('long').add(1, { text: 'x'.repeat(100_000) });
}

/** Values that the API's types do not have, and that apps in JavaScript pass to its meters all the same. */
export const MISTAKES = {
  mixed: [1, 'two', true, null, 2 ** 70, Number.NaN],
  map: { number: Number.NaN, list: [[1], { two: 2n }] },
  big: 2n ** 80n,
  bytes: new Uint8Array([1, 2]),
  deep: nest(3000),
  none: undefined,
  symbol: Symbol('s'),
} as unknown as Attributes;

function nest(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}
