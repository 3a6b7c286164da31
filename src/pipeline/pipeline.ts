import type { MeterProvider } from '@opentelemetry/api';
import type { Recorder } from '../api/slot.ts';
import type { Config } from '../config/config.ts';
import type { Guard } from '../guest/guard.ts';
import type { Protocol } from '../guest/listening.ts';
import type { Log } from '../guest/log.ts';
import type { RouteSource } from '../instruments/routes/route-source.ts';

/** A running composition of instruments, views and exporters. */
export interface Pipeline {
  /** For the instruments that the app makes through the OpenTelemetry API. */
  readonly appMeters: MeterProvider;
  /** For what the app's code counts and times in requests; undefined where nothing leaves the process. */
  readonly recorder: Recorder | undefined;
  /** The app has imported the in-request API. */
  trackRequests(): void;
  /**
   * Starts measuring.
   * @param protocol of the server that is about to listen, or has a request; undefined if the app has made an
   *   instrument instead
   */
  start(protocol: Protocol): void;
  /**
   * Measures a request that Node.js announced before `start`.
   * @param message what was published on `http.server.request.start`; undefined for what is not measured
   */
  beginRequest(message: unknown): void;
  /** Whether others are there already that have this process' measurements as soon as `open` returns. */
  canJoinAtOnce(): boolean;
  /**
   * Opens the exporters and says what is measured and where it goes; nothing if it is closed already.
   * @param server what the process listens by, or has a request to; undefined if the app has made an instrument instead
   */
  open(server: object | undefined): void;
  /** A server, of the app's unless it is an exporter's, is about to listen on that port: it is given up if it is ours. */
  releasePort(port: number, server: object): void;
  /**
   * The app has a MeterProvider of its own: its instruments are no longer ours, and if it measures HTTP itself too,
   * now or later, everything is closed.
   */
  stepAside(): void;
  /** Flushes and closes everything. Never rejects. */
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
  readonly sources: readonly RouteSource[];
  /** The app made an instrument. */
  readonly onInstrument: () => void;
  /** The app has recorded something before `start`; called for each measurement, where anybody may have it at once. */
  readonly onRecord: () => void;
  /** Everything is closed, since the app measures for itself. */
  readonly onClosed: () => void;
}
