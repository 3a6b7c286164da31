import { setTimeout as delay } from 'node:timers/promises';

type Ask<T> = () => T | Promise<T>;
type Answer<T> = Exclude<T, undefined | null | false | 0 | ''>;

const LONGEST_PAUSE_MILLIS = 50;

/**
 * Asks until the answer is truthy, and returns it: at first without a pause, later every 50 ms. An error counts as no
 * answer.
 * @param what named in the error; by default the text of the question
 * @param limitMillis default 30 s, which a busy machine does not reach
 * @throws when time is up, with the last error as its cause
 */
export function until<T>(ask: Ask<T>): Promise<Answer<T>>;
export function until<T>(what: string, ask: Ask<T>, limitMillis?: number): Promise<Answer<T>>;
export async function until<T>(
  what: string | Ask<T>,
  ask = what as Ask<T>,
  limitMillis = 30_000,
): Promise<Answer<T>> {
  const deadline = performance.now() + limitMillis;
  for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
    let cause: unknown;
    try {
      const answer = await ask();
      if (answer) return answer as Answer<T>;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) {
      const last = cause === undefined ? '' : `: ${cause}`;
      throw new Error(`not within ${limitMillis} ms: ${what}${last}`, { cause });
    }
    await delay(pause);
  }
}
