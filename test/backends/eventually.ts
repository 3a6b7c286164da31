import { setTimeout } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 20 s. */
  readonly timeoutMillis?: number;
  /** Asked again after this long; default 20 ms. */
  readonly everyMillis?: number;
}

type Falsy = undefined | null | false | 0 | '';

/**
 * Asks again and again until the answer is truthy, and returns it. Errors count as no answer yet; the last one is in the
 * message when time is up.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  { timeoutMillis = 20_000, everyMillis = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, Falsy>> {
  const deadline = performance.now() + timeoutMillis;
  for (;;) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<T, Falsy>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what}: not after ${timeoutMillis} ms${cause === undefined ? '' : `: ${cause}`}`, {
        cause,
      });
    }
    await setTimeout(everyMillis);
  }
}
