import { withoutEnded } from './state/ended.ts';
import type { State } from './state/state.ts';

/** The resolution of the clock. */
const CLOCK_SECONDS = 0.001;

/**
 * Decides which series of a group have ended: those that have changed last so long ago in all its processes, and that
 * have been served as they are.
 *
 * @param ttlMillis undefined if none ends
 * @param now seconds since 1970, as in states
 */
export function createEndings(ttlMillis: number | undefined, now: () => number) {
  if (ttlMillis === undefined) return undefined;
  let before = Number.NEGATIVE_INFINITY;
  /** Until when changes have been served; what another process has served before is not known. */
  let served = Number.NEGATIVE_INFINITY;
  return {
    /** What changed last at this time or earlier was no longer served the last time, in seconds. */
    get before() {
      return before;
    },
    /** Something is to be served. @returns a function that leaves out what has ended */
    begin(): (state: State) => State {
      const time = now();
      return (state) => {
        before = Math.min(time - ttlMillis / 1000, served);
        // What changes later in the same millisecond may not have been served.
        served = time - CLOCK_SECONDS;
        return withoutEnded(state, (changed) => changed <= before);
      };
    },
  };
}
