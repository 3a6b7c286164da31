import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { coalesced, createQueue } from '../../guest/one-at-a-time.ts';
import { inSlices } from '../../guest/slices.ts';
import type { Labels } from '../../metric-data/labels.ts';
import { describeProcess } from '../state/description.ts';
import type { StateWriter } from '../state/writer.ts';

/** How this process' own metrics are read. */
export interface OwnReader {
  /** Collects all of them. */
  collect(): Promise<ResourceMetrics>;
  /** Marks the collection that the function starts at once as one that no scrape waits for. */
  inBackground<Result>(collect: () => Promise<Result>): Promise<Result>;
  /**
   * Reads at once what synchronous instruments have recorded.
   *
   * @param all of all series; else of those that have been recorded to since the last collection
   * @returns undefined where that cannot be known
   */
  readPending(all: boolean): ScopeMetrics[] | undefined;
  /** Collections that have begun. They have taken out what they read. */
  readonly started: number;
  /** Those of them that are not over. */
  readonly running: number;
}

export interface OwnMetricsOptions {
  readonly own: OwnReader;
  readonly labels: Labels;
  readonly resourceAttributes: Attributes;
}

/** Its random value is that of a single process. */
export const INSTANCE = 'service.instance.id';

/** Takes this process' metrics over into its state, whatever collections are under way at the same time. */
export function createOwnMetrics({ own, labels, resourceAttributes }: OwnMetricsOptions) {
  let started = 0;
  /** The number of the collection that was taken over last. */
  let taken = 0;
  /** Collections that had begun when everything that they have read had been taken over. */
  let covered = 0;
  /** How often something has been noted. A collection that was under way then may have less. */
  let noted = 0;
  const inTurn = createQueue();
  const numbered = async () => {
    started += 1;
    const number = started;
    const collecting = own.collect();
    return { number, begun: own.started, noted, metrics: await collecting };
  };
  const asked = coalesced(numbered);

  const note = (writer: StateWriter, all: boolean): number | undefined => {
    const { started: begun, running } = own;
    const scopeMetrics = own.readPending(all || running > 0 || begun !== covered);
    if (scopeMetrics === undefined) return undefined;
    writer.note(scopeMetrics, Date.now() / 1000);
    noted += 1;
    if (running === 0) covered = begun;
    return scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .reduce((n, { dataPoints }) => n + dataPoints.length, 0);
  };

  const resourceOf = ({ resource }: ResourceMetrics): Attributes => {
    const { [INSTANCE]: _, ...attributes } = resource.attributes;
    return { ...attributes, ...resourceAttributes };
  };

  return {
    /** @param asked whether a scrape or the end of the process waits for it */
    async update(writer: StateWriter, isAsked: boolean): Promise<void> {
      // In the background it does not wait behind a collection that waits for the app's callbacks.
      const collected = await (isAsked ? asked() : own.inBackground(numbered));
      const { number, begun, noted: before, metrics } = collected;
      await inTurn(async () => {
        // A collection that took longer than a later one has less: counters would seem to have started anew.
        if (number < taken) return;
        taken = number;
        const description = describeProcess({ resource: resourceOf(metrics), labels });
        const scopeMetrics = [description, ...metrics.scopeMetrics];
        await inSlices(writer.update({ scopeMetrics }, Date.now() / 1000));
        if (begun > covered) covered = begun;
        if (noted !== before) note(writer, false);
      });
    },
    /**
     * Takes over at once what synchronous instruments have recorded.
     *
     * @param all looks at all series, so that the next calls have less to look at
     * @returns how many series it has looked at; undefined where that cannot be known
     */
    note,
    /** Runs while nothing is being taken over. */
    whileIdle: <Result>(work: () => Result): Promise<Result> => inTurn(async () => work()),
    /** Collects for a scrape that no other process has a part in. */
    async collect(): Promise<{ readonly resource: Attributes; readonly scopeMetrics: ScopeMetrics[] }> {
      const { metrics } = await asked();
      return { resource: resourceOf(metrics), scopeMetrics: metrics.scopeMetrics };
    },
  };
}

export type OwnMetrics = ReturnType<typeof createOwnMetrics>;
