import type { Outcome } from './transport.ts';

/** One payload on its way. */
export interface Attempt {
  readonly outcome: Promise<Outcome>;
  /** The outcome has been decided, by the delivery or from outside. */
  readonly over: boolean;
  /** Decides the outcome, unless it is decided already. */
  settle(outcome: Outcome): void;
}

/**
 * Starts a delivery whose outcome can be decided before it returns.
 *
 * @param deliver rejects with the reason when the payload is held
 * @param onFailure called with that reason unless the outcome was already decided
 */
export function createAttempt(
  deliver: (attempt: Attempt) => Promise<Outcome>,
  onFailure: (error: unknown) => void,
): Attempt {
  let over = false;
  let resolve = (_: Outcome): void => {};
  const attempt: Attempt = {
    outcome: new Promise((settled) => {
      resolve = settled;
    }),
    get over() {
      return over;
    },
    settle(outcome) {
      over = true;
      resolve(outcome);
    },
  };
  deliver(attempt)
    .catch((error): Outcome => {
      if (!over) onFailure(error);
      return 'held';
    })
    .then(attempt.settle);
  return attempt;
}
