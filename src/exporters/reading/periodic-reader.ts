import {
  type AggregationSelector,
  type AggregationTemporalitySelector,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { inTime } from '../../guest/deadline.ts';
import type { Guard } from '../../guest/guard.ts';
import type { Log } from '../../guest/log.ts';
import { createQueue } from '../../guest/one-at-a-time.ts';
import { describe } from '../../guest/text.ts';

/**
 * The longest that a collection on demand waits for the app's asynchronous callbacks, in milliseconds. The SDK's timer
 * for them keeps the process alive, so collections at the interval have none: callbacks registered through the app's
 * meters have a limit of their own.
 */
const COLLECT_MILLIS = 1000;

export interface PeriodicReaderOptions {
  readonly intervalMillis: number;
  /** For one push; if longer than the interval, the ticks in between are skipped. */
  readonly timeoutMillis: number;
  readonly aggregationSelector?: AggregationSelector;
  readonly aggregationTemporalitySelector?: AggregationTemporalitySelector;
  readonly guard: Guard;
  /** While true, nothing is collected at the interval: later pushes include what is recorded meanwhile. */
  readonly held?: () => boolean;
  /** Sends one collection; rejects with the reason if it cannot. */
  readonly push: (metrics: ResourceMetrics) => Promise<void> | void;
  /** A push is given up at its timeout or at the deadline of a flush. */
  readonly abort?: () => void;
  readonly onSuccess?: () => void;
  readonly onFailure: (error: unknown) => void;
  /** The errors thrown by the app's own callbacks; everything else is pushed. */
  readonly onCollectErrors?: (errors: readonly unknown[]) => void;
}

/**
 * Collects and pushes at an interval, one push at a time
 * (https://opentelemetry.io/docs/specs/otel/metrics/sdk/#periodic-exporting-metricreader).
 *
 * Unlike the SDK's reader it times nothing before `start`, and only a flush keeps the process alive, until its deadline
 * at the latest.
 */
export class PeriodicReader extends MetricReader {
  readonly #options: PeriodicReaderOptions;
  #timer: NodeJS.Timeout | undefined;
  readonly #inTurn = createQueue();
  /** Pushes in progress and in the queue. */
  #pushes = 0;
  #delivered = true;

  constructor(options: PeriodicReaderOptions) {
    const { aggregationSelector, aggregationTemporalitySelector } = options;
    super({
      ...(aggregationSelector && { aggregationSelector }),
      ...(aggregationTemporalitySelector && { aggregationTemporalitySelector }),
    });
    this.#options = options;
  }

  /** Whether the last collection has been pushed. */
  get delivered(): boolean {
    return this.#delivered;
  }

  /** Starts the interval; its timer does not keep the process alive. */
  start(): void {
    const tick = this.#options.guard('push', () => {
      if (this.#pushes === 0 && !this.#options.held?.()) this.#run(undefined);
    });
    this.#timer ??= setInterval(tick, this.#options.intervalMillis).unref();
  }

  /** Ends the interval; a push in progress continues. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Pushes pending data, after a push in progress. Does nothing before `start` and after `stop`. Keeps the process
   * alive until it resolves, at the deadline at the latest. Never rejects.
   */
  async flush(deadlineMillis: number): Promise<void> {
    if (this.#timer === undefined) return;
    // Half is for the app's callbacks: one that never settles leaves time to send the rest.
    const done = this.#run(Math.min(COLLECT_MILLIS, deadlineMillis / 2));
    if (!(await inTime(done, deadlineMillis, { keepsAlive: true }))) this.#giveUp(deadlineMillis);
  }

  protected override async onForceFlush(): Promise<void> {
    await this.#run(COLLECT_MILLIS);
  }

  protected override async onShutdown(): Promise<void> {
    this.stop();
    await this.#run(COLLECT_MILLIS);
  }

  /** Waits for its turn. */
  #run(collectMillis: number | undefined): Promise<void> {
    this.#pushes++;
    return this.#inTurn(() => this.#collectAndPush(collectMillis)).finally(() => {
      this.#pushes--;
    });
  }

  async #collectAndPush(collectMillis: number | undefined): Promise<void> {
    const { push, onSuccess, onFailure, onCollectErrors, timeoutMillis } = this.#options;
    try {
      const { resourceMetrics, errors } = await this.collect(
        collectMillis === undefined ? {} : { timeoutMillis: collectMillis },
      );
      if (errors.length > 0) onCollectErrors?.(errors);
      if (resourceMetrics.scopeMetrics.length === 0) return;
      this.#delivered = false;
      if (await inTime(Promise.resolve(push(resourceMetrics)), timeoutMillis)) {
        this.#delivered = true;
        onSuccess?.();
      } else this.#giveUp(timeoutMillis);
    } catch (error) {
      onFailure(error);
    }
  }

  #giveUp(afterMillis: number): void {
    const error = new Error(`no answer within ${afterMillis / 1000} s`);
    error.name = 'TimeoutError';
    this.#options.onFailure(error);
    this.#options.abort?.();
  }
}

/** Logs the first error of the app's own callbacks. @param key what is logged once in the life of the process */
export function logCollectErrors(log: Pick<Log, 'once'>, key: string): (errors: readonly unknown[]) => void {
  return (errors) =>
    log.once(key, 'warn', `a metric callback failed; the others are exported: ${describe(errors[0])}`);
}
