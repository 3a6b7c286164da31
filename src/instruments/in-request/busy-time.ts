import { createHook } from 'node:async_hooks';
import { onScope } from './async-scopes.ts';

/** What the thread's time is charged to: a request, or a part of one that is timed by itself. */
export interface Share {
  /** Milliseconds that it has kept the thread busy, its parts included. */
  busy: number;
  /** What it is a part of. */
  parent: Share | undefined;
  /** Nobody asks for it any more. */
  readonly over: boolean;
}

/** Whose the thread's time is. */
export interface BusyTime {
  /** What runs from here to the end of this callback is of that share. @returns what it was of before */
  switchTo(share: Share | undefined): Share | undefined;
  /** Charges what has run up to now. */
  settle(): void;
  stop(): void;
}

export interface BusyTimeOptions {
  /** The share of the asynchronous context that runs now. */
  readonly current: () => Share | undefined;
  /** Milliseconds, of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Charges the time that the thread spends in callbacks and promise reactions to the share in whose asynchronous context
 * they run. Node.js announces each of them before and after, which is what this costs. The time between them, in which
 * the thread waits or serves Node.js itself, is nobody's.
 * https://nodejs.org/api/async_hooks.html#beforeasyncid
 */
export function createBusyTime({ current, now }: BusyTimeOptions): BusyTime {
  let running: Share | undefined;
  let since = 0;
  /** The callbacks that are running, each within the one before, and whose the time was when it began. */
  const ids: number[] = [];
  const interrupted: (Share | undefined)[] = [];
  let depth = 0;

  const settle = (): void => {
    if (running === undefined) return;
    const time = now();
    for (let each: Share | undefined = running; each !== undefined; each = each.parent) {
      each.busy += time - since;
      // A part that begins itself again would hold all those before.
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

  // Called a million times a second: arrays that grow and shrink would double the cost.
  const hook = createHook({
    before(id) {
      ids[depth] = id;
      interrupted[depth] = running;
      depth++;
      switchTo(current());
    },
    after(id) {
      // An exception that is caught far up leaves callbacks of which only the beginning was announced, and a rejection
      // that nobody handles has an end without a beginning.
      let begun = depth - 1;
      while (begun >= 0 && ids[begun] !== id) begun--;
      if (begun < 0) return;
      switchTo(interrupted[begun]);
      while (depth > begun) interrupted[--depth] = undefined;
    },
  }).enable();
  const stopScopes = onScope(() => void switchTo(current()));

  return {
    switchTo,
    settle,
    stop() {
      hook.disable();
      stopScopes();
      depth = 0;
      running = undefined;
    },
  };
}
