import { nextTurn } from './turn.ts';

/** Work that may be done a step at a time; each ends with a `yield`. */
export type Steps<Result = void> = Generator<undefined, Result, undefined>;

/** Milliseconds of work after which the event loop may go on. */
const SLICE_MILLIS = 4;

/** Runs a generator to its end without letting the event loop go on. */
export function atOnce<Result>(work: Steps<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/**
 * Runs a generator to its end, and lets the event loop go on after each slice of time.
 *
 * @param millis after which a slice is over, 4 by default
 */
export async function inSlices<Result>(work: Steps<Result>, millis = SLICE_MILLIS): Promise<Result> {
  let start = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - start < millis) continue;
    await nextTurn();
    start = performance.now();
  }
}
