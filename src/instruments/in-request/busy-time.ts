import { createHook } from 'node:async_hooks';
import { onScope } from './async-scopes.ts';

/** What busy time is charged to: a request, or a part of it that is timed by itself. */
export interface Share {
  /** Milliseconds, including those of its parts. */
  busy: number;
  /** What it is a part of. */
  parent: Share | undefined;
  /** It has ended, and its busy time is no longer needed. */
  readonly over: boolean;
}

export interface BusyTimeOptions {
  /** The share of the asynchronous context that runs now. */
  readonly current: () => Share | undefined;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/**
 * Charges the time that the thread spends in callbacks and promise reactions to the share in whose asynchronous context
 * they run. Node.js calls hooks before and after each of them, which is what this costs. The time between them, in
 * which the thread waits or serves Node.js itself, is not charged.
 * https://nodejs.org/api/async_hooks.html#beforeasyncid
 */
export function createBusyTime({ current, now }: BusyTimeOptions) {
  let running: Share | undefined;
  let since = 0;
  /** The running callbacks, each within the one before, and the share that each of them interrupted. */
  const ids: number[] = [];
  const interrupted: (Share | undefined)[] = [];
  let depth = 0;

  const settle = (): void => {
    if (running === undefined) return;
    const time = now();
    for (let each: Share | undefined = running; each !== undefined; each = each.parent) {
      each.busy += time - since;
      // A part that starts its successor would keep all earlier ones in memory.
      while (each.parent?.over) each.parent = each.parent.parent;
    }
    since = time;
  };

  const switchTo = (share: Share | undefined): Share | undefined => {
    const before = running;
    if (before === share) return before;
    if (before === undefined) since = now();
    else settle();
    running = share;
    return before;
  };

  // Called a million times a second; arrays that grow and shrink would double the cost.
  const hook = createHook({
    before(id) {
      ids[depth] = id;
      interrupted[depth] = running;
      depth++;
      switchTo(current());
    },
    after(id) {
      // After an exception that is caught further up, some callbacks have a beginning without an end, and an unhandled
      // rejection has an end without a beginning.
      let begun = depth - 1;
      while (begun >= 0 && ids[begun] !== id) begun--;
      if (begun < 0) return;
      switchTo(interrupted[begun]);
      while (depth > begun) interrupted[--depth] = undefined;
    },
  }).enable();
  const stopScopes = onScope(() => void switchTo(current()));

  return {
    /** Charges what runs from here to the end of this callback to a share. @returns the share before */
    switchTo,
    /** Charges the time up to now. */
    settle,
    stop(): void {
      hook.disable();
      stopScopes();
      depth = 0;
      running = undefined;
    },
  };
}

export type BusyTime = ReturnType<typeof createBusyTime>;
