import type { Meter } from '@opentelemetry/api';
import type { MetricReader } from '@opentelemetry/sdk-metrics';
import type { Exporter } from '../exporters/exporter.ts';

/** Milliseconds. */
const DRAIN_INTERVAL = 300_000;

/** All exporters of this process as one. */
export function createAllExporters(exporters: readonly Exporter[]) {
  const ends = exporters.flatMap(({ processEnd }) => processEnd ?? []);
  const prompt = exporters.flatMap((exporter) => exporter.prompt ?? []);
  const servers = exporters.flatMap(({ ownServer }) => ownServer ?? []);
  return {
    /** Resolves with where the metrics go, for each exporter that could open. */
    async open(): Promise<string[]> {
      const opening = await Promise.all(exporters.map((exporter) => exporter.open()));
      return opening.filter((place) => place !== undefined);
    },
    /** Makes the instruments of the exporters themselves. */
    instrument(meter: Meter): void {
      for (const exporter of exporters) exporter.instrument?.(meter);
    },
    actAtProcessEnd: ends.length > 0,
    async flush(deadlineMillis: number): Promise<void> {
      await Promise.all(ends.map((end) => end.flush(deadlineMillis)));
    },
    handOver(): void {
      for (const end of ends) end.handOver?.();
    },
    exit(): void {
      for (const end of ends) {
        if (end.exit !== undefined) end.exit();
        else end.handOver?.();
      }
    },
    async close(): Promise<void> {
      await Promise.all(exporters.map((exporter) => exporter.close()));
    },
    arePrompt: prompt.length > 0,
    recorded(): void {
      for (const each of prompt) each.recorded();
    },
    canJoinAtOnce: (): boolean => prompt.some((each) => each.canJoinAtOnce()),
    /** Whether a reader needs histograms on fine boundaries. */
    isFine: (reader: MetricReader): boolean =>
      exporters.some((exporter) => exporter.reader === reader && exporter.fine),
    ownsServer: (server: object): boolean => servers.some((own) => own.server === server),
    ownsAgent: (agent: unknown): boolean =>
      agent !== undefined && exporters.some((exporter) => exporter.agent === agent),
    answerMetrics: exporters.find(({ answer }) => answer !== undefined)?.answer,
    releasePort(port: number, server: object): void {
      for (const own of servers) if (own.server !== server) own.releasePort(port);
    },
    /**
     * Collects now and then for readers that nobody has asked meanwhile. The SDK keeps for each reader what that has not
     * collected, so that an endpoint that nobody scrapes would grow for as long as another exporter pushes.
     *
     * @param inBackground marks the collection that the function starts as one that nobody sees
     * @returns a function that ends it
     */
    drainUnread(inBackground: (collect: () => Promise<unknown>) => Promise<unknown>): () => void {
      const all = exporters.flatMap(({ reader, pulled }) =>
        pulled === undefined ? [] : { reader, pulled, started: 0 },
      );
      if (exporters.length === 1 || all.length === 0) return () => {};
      const timer = setInterval(() => {
        for (const each of all) {
          if (each.pulled.started === each.started)
            inBackground(() => each.reader.collect()).catch(() => undefined);
          each.started = each.pulled.started;
        }
      }, DRAIN_INTERVAL).unref();
      return () => clearInterval(timer);
    },
  };
}
