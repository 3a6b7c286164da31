import type { MetricReader } from '@opentelemetry/sdk-metrics';

/**
 * Tells collections that nobody asked for, made so that what was recorded outlives the process, from the others.
 * Callbacks of gauges and up-down counters are not run for them, since what they observe does not outlive it, and some
 * tell of the time since they were last asked; nor are asynchronous ones, which may ask a database. What they observed
 * last stands.
 */
export interface Background {
  /** Whether all collections in progress are of that kind. */
  readonly active: boolean;
  /** Makes the collection that the given function starts at once one of that kind. */
  during<Result>(collect: () => Promise<Result>): Promise<Result>;
  /** Must have seen every reader before it collects. */
  watch(reader: Pick<MetricReader, 'collect'>): void;
}

export function createBackground(): Background {
  const inProgress = { asked: 0, unasked: 0 };
  let kind: keyof typeof inProgress = 'asked';
  return {
    get active() {
      return inProgress.unasked > 0 && inProgress.asked === 0;
    },
    during(collect) {
      kind = 'unasked';
      try {
        return collect();
      } finally {
        kind = 'asked';
      }
    },
    watch(reader) {
      const collect = reader.collect.bind(reader);
      reader.collect = async (options) => {
        const own = kind;
        inProgress[own] += 1;
        try {
          return await collect(options);
        } finally {
          inProgress[own] -= 1;
        }
      };
    },
  };
}
