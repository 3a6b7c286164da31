import type { Meter } from '@opentelemetry/api';
import type { MetricReader } from '@opentelemetry/sdk-metrics';
import type { Exporter } from '../exporters/exporter.ts';

/** Milliseconds. */
const DRAIN_INTERVAL = 300_000;

/** All exporters of this process as one. */
export interface AllExporters {
  /** Resolves with where the metrics go, for each exporter that could open. */
  open(): Promise<string[]>;
  /** Makes the instruments of the exporters themselves. */
  instrument(meter: Meter): void;
  /** Whether some have anything to do when the process ends. */
  readonly actAtProcessEnd: boolean;
  flush(deadlineMillis: number): Promise<void>;
  handOver(): void;
  exit(): void;
  close(): Promise<void>;
  /** Whether other processes can have a measurement at once. */
  readonly arePrompt: boolean;
  recorded(): void;
  canJoinAtOnce(): boolean;
  /** Whether a reader needs histograms on fine boundaries. */
  isFine(reader: MetricReader): boolean;
  ownsServer(server: object): boolean;
  ownsAgent(agent: unknown): boolean;
  releasePort(port: number, server: object): void;
  /** @returns a function that ends it */
  drainUnread(): () => void;
}

export function createAllExporters(exporters: readonly Exporter[]): AllExporters {
  const ends = exporters.flatMap(({ processEnd }) => processEnd ?? []);
  const prompt = exporters.flatMap((exporter) => exporter.prompt ?? []);
  const servers = exporters.flatMap(({ ownServer }) => ownServer ?? []);
  return {
    async open() {
      const opening = await Promise.all(exporters.map((exporter) => exporter.open()));
      return opening.filter((place) => place !== undefined);
    },
    instrument(meter) {
      for (const exporter of exporters) exporter.instrument?.(meter);
    },
    actAtProcessEnd: ends.length > 0,
    async flush(deadlineMillis) {
      await Promise.all(ends.map((end) => end.flush(deadlineMillis)));
    },
    handOver() {
      for (const end of ends) end.handOver?.();
    },
    exit() {
      for (const end of ends) {
        if (end.exit !== undefined) end.exit();
        else end.handOver?.();
      }
    },
    async close() {
      await Promise.all(exporters.map((exporter) => exporter.close()));
    },
    arePrompt: prompt.length > 0,
    recorded() {
      for (const each of prompt) each.recorded();
    },
    canJoinAtOnce: () => prompt.some((each) => each.canJoinAtOnce()),
    isFine: (reader) => exporters.some((exporter) => exporter.reader === reader && exporter.fine),
    ownsServer: (server) => servers.some((own) => own.server === server),
    ownsAgent: (agent) => agent !== undefined && exporters.some((exporter) => exporter.agent === agent),
    releasePort(port, server) {
      for (const own of servers) if (own.server !== server) own.releasePort(port);
    },
    // What a reader has not collected yet the SDK keeps for it, collection after collection of the others: a Prometheus
    // endpoint that nobody scrapes would grow for as long as another exporter pushes.
    drainUnread() {
      const pulled = exporters.filter((exporter) => exporter.pulled);
      if (exporters.length === 1 || pulled.length === 0) return () => {};
      const timer = setInterval(() => {
        for (const { reader } of pulled) reader.collect().catch(() => undefined);
      }, DRAIN_INTERVAL).unref();
      return () => clearInterval(timer);
    },
  };
}
