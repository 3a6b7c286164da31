/** The three ways to run asynchronous work one at a time. They differ in what a call gets that comes during a run. */

/**
 * Calls that come during a run share the next run, so that each result was obtained after the call. However many calls
 * come, no more than one run waits.
 */
export function coalesced<Result>(run: () => Promise<Result>): () => Promise<Result> {
  let running: Promise<Result> | undefined;
  let next: Promise<Result> | undefined;
  const start = (): Promise<Result> => {
    next = undefined;
    const own = run().finally(() => {
      if (running === own) running = undefined;
    });
    running = own;
    return own;
  };
  return () => {
    if (next !== undefined) return next;
    if (running === undefined) return start();
    next = running.then(start, start);
    return next;
  };
}

export interface Joined<Result> {
  (): Promise<Result>;
  readonly running: boolean;
}

/** Calls that come during a run get the result of that run. */
export function joined<Result>(run: () => Promise<Result>): Joined<Result> {
  let running: Promise<Result> | undefined;
  const call = (): Promise<Result> => {
    running ??= run().finally(() => {
      running = undefined;
    });
    return running;
  };
  return Object.defineProperty(call, 'running', { get: () => running !== undefined }) as Joined<Result>;
}

/** Each piece of work begins when the one before it is over, whether that failed or not. */
export function createQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
