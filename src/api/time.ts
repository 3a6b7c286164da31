import { follow } from './follow.ts';
import { importedSlot, type Section } from './slot.ts';

/** Times until it is stopped, or until the block ends in which `using` declared it. */
export interface Timer extends Disposable {
  /**
   * Records the time; a second call does nothing.
   * @param error unless it is undefined or null, what was timed counts as failed, with the error's class in
   * `error.type`
   */
  stop(error?: unknown): void;
}

const shared = importedSlot();

/**
 * Times a function, in seconds, by the route of the request that is being handled: `time('db.query', () => query())`
 * is `db_query_seconds` in Prometheus. A promise is timed until it settles, a generator until it is done, and an object
 * with its own `then`, such as a query that runs when it is awaited, until the first call of that `then` settles.
 * The call returns or throws what the function returns or throws; the class of what it throws is in `error.type`.
 * Recorded as `count` is.
 */
export function time<Result>(name: string, work: () => Result): Result;
/**
 * The same for a block of code: `using _ = time('db.query')` times to the end of the block, and
 * `const timer = time('db.query')` until `timer.stop()`.
 */
export function time(name: string): Timer;
export function time<Result>(name: string, work?: () => Result): Result | Timer {
  const section = shared.recorder?.begin(name);
  if (typeof work !== 'function') return section === undefined ? NO_TIMER : timerOf(section);
  return section === undefined ? work() : follow(section, work);
}

/** Its `stop` works without the object: `stream.on('end', timer.stop)`. */
function timerOf(section: Section): Timer {
  const stop = (error?: unknown): void => {
    section.end(error === undefined || error === null ? { failed: false } : { failed: true, error });
  };
  return { stop, [Symbol.dispose]: () => stop() };
}

const NO_TIMER: Timer = { stop() {}, [Symbol.dispose]() {} };
