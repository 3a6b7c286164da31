/** The longest pause between two attempts, in milliseconds. */
const LONGEST = 30_000;
const SHORTEST = 100;

/**
 * @param failures in a row, at least one
 * @param random from 0 up to 1, so that clients that lost their server together do not come back together
 * @returns milliseconds until the next attempt: none after the first failure, then 100, doubling with each up to
 * 30,000; up to half less by `random`
 */
export function pauseAfter(failures: number, random: number): number {
  if (failures <= 1) return 0;
  return Math.min(LONGEST, SHORTEST * 2 ** (failures - 2)) * (1 - random / 2);
}

/** @param now milliseconds of a clock that never goes back */
export function createBackoff(now: () => number, random: () => number) {
  let failures = 0;
  let next = Number.NEGATIVE_INFINITY;
  return {
    /** It is too early for another attempt. */
    waiting: () => now() < next,
    failed(): void {
      failures++;
      next = now() + pauseAfter(failures, random());
    },
    succeeded(): void {
      failures = 0;
      next = Number.NEGATIVE_INFINITY;
    },
  };
}
