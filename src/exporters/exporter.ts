import type { Server } from 'node:net';
import type { Meter } from '@opentelemetry/api';
import type { MetricReader } from '@opentelemetry/sdk-metrics';
import type { Config } from '../config.ts';
import type { Guard } from '../guard.ts';
import type { Log } from '../log.ts';

/** What every exporter gets besides its own part of the configuration. */
export interface ExporterContext {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
}

/** One way out for the metrics. Creating it opens nothing, times nothing and prints nothing. */
export interface Exporter {
  readonly reader: MetricReader;
  /** It reads percentiles out of histograms, which are then recorded on fine boundaries. */
  readonly fine?: true;
  /**
   * Opens sockets and starts timers, none of which may keep the process alive.
   * Resolves with where the metrics go, for the line printed at start, or undefined if it could not open (it has
   * then said why itself). Never rejects.
   */
  open(): Promise<string | undefined>;
  /** Pushes what is pending; settles within that many milliseconds. Never rejects. Exporters that are pulled have none. */
  flush?(deadlineMillis: number): Promise<void>;
  /** The app is about to listen on that port: lets go of it before this returns, and says so, if it is ours. */
  releasePort?(port: number): void;
  /** Closes what `open` opened; pending data has been flushed by the caller. Never rejects. */
  close(): Promise<void>;
  /** Makes the instruments that tell how the exporter itself is doing. */
  instrument?(meter: Meter): void;
  /** The exporter's own server, whose requests are not measured. */
  readonly server?: Server;
}
