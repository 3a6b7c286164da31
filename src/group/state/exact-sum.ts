/**
 * Sums without loss, kept as two doubles: the sum as it is rounded, and the rest. So they do not depend on the order
 * in which they are added up; else a total would go down by its last digit when a process ends and is added up
 * first from then on, which Prometheus would take for a counter that started from zero.
 */
export interface ExactSums {
  readonly values: Float64Array;
  /** Made when the first one comes. */
  readonly rests: number[];
}

/** Adds a sum to one of those. https://en.wikipedia.org/wiki/2Sum */
export function addExactly(
  { values, rests }: ExactSums,
  place: number,
  series: number,
  value: number,
  rest: number,
): void {
  const before = values[place] ?? 0;
  const sum = before + value;
  const part = sum - before;
  const lost = before - (sum - part) + (value - part);
  values[place] = sum;
  rests[series] = (rests[series] ?? 0) + rest + (Number.isFinite(lost) ? lost : 0);
}

/** Rounds once all have been added. @returns the rest */
export function round(values: Float64Array, place: number, rest: number): number {
  const before = values[place] ?? 0;
  const sum = before + rest;
  values[place] = sum;
  return Number.isFinite(sum) ? before - sum + rest : 0;
}
