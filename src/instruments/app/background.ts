/**
 * Tells collections that nobody asked for, made so that what was recorded outlives the process, from the others.
 * Callbacks of gauges and up-down counters are not run for them, since what they observe does not outlive it, and some
 * tell of the time since they were last asked; nor are asynchronous ones, which may ask a database. What they observed
 * last stands.
 */
export interface Background {
  /** Whether the collection that is being started is of that kind: the SDK starts all callbacks of one in one go. */
  readonly active: boolean;
  /** Makes the collection that the given function starts at once one of that kind. */
  during<Result>(collect: () => Promise<Result>): Promise<Result>;
}

export function createBackground(): Background {
  let active = false;
  return {
    get active() {
      return active;
    },
    during(collect) {
      active = true;
      try {
        return collect();
      } finally {
        active = false;
      }
    },
  };
}
