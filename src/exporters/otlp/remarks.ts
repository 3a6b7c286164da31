import type { Log } from '../../guest/log.ts';
import type { PartialSuccess } from './protobuf-answer.ts';

/** The most lines in a window, and its length in milliseconds: a backend may put something new into every answer. */
const MOST_LINES = 10;
const WINDOW_MILLIS = 600_000;
/** Reasons that are remembered, so that none is logged twice. */
const MOST_REASONS = 1000;

export interface RemarksOptions {
  /** The backend, as shown in messages. */
  readonly destination: string;
  readonly log: Log;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Logs a backend's remarks on exports that it accepted in part or whole: each once, and never many in a row. */
export function createRemarks({ destination, log, now }: RemarksOptions): (partial: PartialSuccess) => void {
  const told = new Set<string>();
  let windowStart = Number.NEGATIVE_INFINITY;
  let lines = 0;
  return ({ rejectedDataPoints, errorMessage }) => {
    const rejected = rejectedDataPoints > 0;
    const line = rejected
      ? `${destination} rejected ${rejectedDataPoints} data points of an export: ${errorMessage || 'no reason given'}`
      : `${destination} accepted an export with a warning: ${errorMessage}`;
    const reason = `${rejected}:${errorMessage}`;
    if (now() - windowStart >= WINDOW_MILLIS) {
      windowStart = now();
      lines = 0;
    }
    if (told.has(reason) || lines >= MOST_LINES || told.size >= MOST_REASONS) {
      log.debug(line);
      return;
    }
    told.add(reason);
    lines++;
    log.warn(
      lines < MOST_LINES
        ? line
        : `${line} (further remarks in the next ${WINDOW_MILLIS / 60_000} minutes are not logged)`,
    );
  };
}
