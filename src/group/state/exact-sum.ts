/**
 * Sums without loss, kept as two doubles: the rounded sum, and the rest. They do not depend on the order of addition.
 * Otherwise a total could go down by its last digit when a process ends and is from then on added up first, and a
 * backend would take that for a counter that started from zero.
 */
export interface ExactSums {
  readonly values: Float64Array;
  /** Made when the first one comes. */
  readonly rests: number[];
}

/** Adds a value and its rest. https://en.wikipedia.org/wiki/2Sum */
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

/** Rounds a sum once everything has been added. @returns the rest */
export function round(values: Float64Array, place: number, rest: number): number {
  const before = values[place] ?? 0;
  const sum = before + rest;
  values[place] = sum;
  return Number.isFinite(sum) ? before - sum + rest : 0;
}
