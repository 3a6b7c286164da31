/** Milliseconds of work after which the event loop may go on. */
const SLICE_MILLIS = 4;

/** Runs a generator to its end without letting the event loop go on. */
export function atOnce<Result>(work: Generator<undefined, Result, undefined>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Runs a generator to its end, and lets the event loop go on after each slice of time. */
export async function inSlices<Result>(work: Generator<undefined, Result, undefined>): Promise<Result> {
  let start = performance.now();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (performance.now() - start < SLICE_MILLIS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    start = performance.now();
  }
}
