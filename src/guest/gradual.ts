import type { Steps } from './slices.ts';

/** Steps that leave the event loop to the app in between, for as long as nobody needs the rest. */
export class Gradual {
  #steps: Steps | undefined;
  #isRunning = false;

  constructor(steps: Steps) {
    this.#steps = steps;
  }

  /** Does one step. @returns whether there are more; not after one that throws */
  next(): boolean {
    const steps = this.#steps;
    // A step may load what calls back.
    if (steps === undefined || this.#isRunning) return false;
    this.#isRunning = true;
    let done: boolean | undefined = true;
    try {
      done = steps.next().done;
    } finally {
      this.#isRunning = false;
      if (done) this.#steps = undefined;
    }
    return this.#steps !== undefined;
  }

  /** Does all that is left. */
  finish(): void {
    while (this.next());
  }

  /** Does none of what is left. */
  cancel(): void {
    this.#steps = undefined;
  }
}
