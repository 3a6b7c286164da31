import type { Log } from '../../guest/log.ts';
import { describe } from '../../guest/text.ts';

export interface HealthOptions {
  /** Where the metrics go, as shown in messages. */
  readonly destination: string;
  readonly intervalMillis: number;
  readonly log: Log;
  /** Describes an error. */
  readonly explain?: (error: unknown) => string;
}

/** Logs that exports fail, and that they succeed again, each once however many exports lie between. */
export function createHealth({ destination, intervalMillis, log, explain = describe }: HealthOptions) {
  let down = false;
  return {
    failed(error: unknown): void {
      const reason = explain(error);
      if (down) {
        log.debug(`export to ${destination} failed again: ${reason}`);
        return;
      }
      down = true;
      log.error(
        `cannot export metrics to ${destination}: ${reason}; retrying every ${intervalMillis / 1000} s while the process runs; further failures are not logged`,
      );
    },
    succeeded(): void {
      if (down) log.info(`metrics are exported to ${destination} again`);
      down = false;
    },
  };
}
