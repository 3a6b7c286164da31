export interface PromptnessOptions {
  /**
   * Writes what has been recorded. Never throws.
   *
   * @param all looks at all series, so that the next writes have less to look at; else only at those that have been
   *   recorded to since everything was written
   * @returns how many series it has looked at
   */
  readonly write: (all: boolean) => number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** The share of the thread's time that may be spent, and the milliseconds of it that can be saved up. */
const USUAL = { share: 0.001, most: 50 } as const;
/** The same while one callback of the event loop runs on and on, because no timer can write then. */
const STUCK = { share: 0.2, most: 50 } as const;
/** Milliseconds that a write may take within a call of the app. */
const BRIEF = 1;
/** Milliseconds that a write usually takes, and that each series it looks at adds. */
const USUALLY = { write: 0.03, series: 0.002 } as const;
/** The lowest pace, because a clock may stand still. */
const QUICKEST = 0.1;
/** A write counts as at most so many times what was expected of it. */
const GROWTH = 1.25;
/** Milliseconds until a write, as long as the event loop turns. Everything is written each second anyway, before that. */
const LATEST = 1500;
/** Milliseconds that an ordinary callback may take, including the promises that it settles. */
const LONG = 1;

/**
 * A measurement is written at once while there is time saved up: the app may compute for seconds after it, or wait for
 * a message without turning its event loop, as worker pools do. When there are many, one waits until time is saved up
 * again. If a callback does not end meanwhile, it is written between the promises that the callback works through.
 */
export function createPromptness({ write, now }: PromptnessOptions) {
  const usual = createBudget(USUAL, now());
  const stuck = createBudget(STUCK, now());
  /** How many times their usual time writes have taken. */
  let pace = 1;
  /** Series that the next write will look at, at least. */
  let pending = 1;
  let timer: NodeJS.Timeout | undefined;
  let queued = false;
  let writing = false;
  /** When the current callback of the event loop was first seen. */
  let since: number | undefined;

  /** Milliseconds that a write of so many series will probably take. */
  const costOf = (series: number): number => pace * (USUALLY.write + series * USUALLY.series);

  const settle = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };

  /** Ticks run at the end of each callback, before its promises, but not while one promise leads to another. */
  const watch = (time: number): void => {
    if (since !== undefined) return;
    since = time;
    process.nextTick(() => {
      since = undefined;
    });
  };

  const run = (): void => {
    const start = now();
    const all = costOf(pending) > BRIEF;
    let series = 0;
    settle();
    writing = true;
    try {
      series = write(all);
    } finally {
      writing = false;
    }
    const end = now();
    watch(end);
    // The first writes take longer, and the system may have done something else meanwhile.
    const expected = costOf(series);
    const spent = Math.min(end - start, GROWTH * expected);
    usual.spend(end, spent);
    stuck.spend(end, spent);
    pace = Math.max(QUICKEST, (pace * spent) / expected);
    pending = all ? 1 : series + 1;
  };

  const betweenWork = (): void => {
    queued = false;
    if (timer !== undefined && since !== undefined && stuck.saved(now()) >= costOf(pending)) run();
  };

  return {
    /** Something has been recorded. Called for each measurement. */
    recorded(): void {
      if (writing) return;
      const time = now();
      const cost = costOf(pending);
      if (cost <= BRIEF && usual.saved(time) >= cost) {
        run();
        return;
      }
      if (timer === undefined) {
        watch(time);
        timer = setTimeout(run, Math.min(LATEST, Math.max(1, usual.wait(time, cost)))).unref();
      }
      if (!queued && since !== undefined && time - since > LONG) {
        queued = true;
        queueMicrotask(betweenWork);
      }
    },
    /** Everything has been written. */
    written(): void {
      settle();
      pending = 1;
    },
    stop: settle,
  };
}

function createBudget({ share, most }: { readonly share: number; readonly most: number }, start: number) {
  let amount: number = most;
  let seen = start;
  const saved = (time: number): number => {
    amount = Math.min(most, amount + (time - seen) * share);
    seen = time;
    return amount;
  };
  return {
    /** What may be spent at that time; negative after more has been spent. */
    saved,
    /** How long it takes until so much is saved. */
    wait: (time: number, wanted: number): number => (wanted - saved(time)) / share,
    spend(time: number, spent: number): void {
      amount = saved(time) - spent;
    },
  };
}
