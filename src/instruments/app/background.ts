/**
 * Background collections are those that nobody asked for: they keep what was recorded beyond the end of the process.
 * Callbacks of gauges and up-down counters are not run for them, since their values end with the process, and some
 * describe the time since the last call; nor are asynchronous callbacks, which may query a database. Their last
 * observations stand.
 */
export interface Background {
  /** Whether a background collection is being started: the SDK starts all callbacks of a collection in one go. */
  readonly active: boolean;
  /** Makes the collection that the given function starts at once a background one. */
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
