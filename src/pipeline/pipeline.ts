import type { MeterProvider } from '@opentelemetry/api';
import type { AnswerMetrics } from '../api/metrics-slot.ts';
import type { Recorder } from '../api/slot.ts';
import type { Config } from '../config/config.ts';
import type { Guard } from '../guest/guard.ts';
import type { Protocol } from '../guest/listening.ts';
import type { Log } from '../guest/log.ts';
import type { Steps } from '../guest/slices.ts';
import type { Sources } from '../instruments/routes/sources.ts';

/** A running composition of instruments, views and exporters. */
export interface Pipeline {
  /** For the instruments that the app makes through the OpenTelemetry API. */
  readonly appMeters: MeterProvider;
  /** Records what the app's code counts and times; undefined if there is no exporter. */
  readonly recorder: Recorder | undefined;
  /** Answers requests for the metrics; undefined if no exporter serves them. */
  readonly answerMetrics: AnswerMetrics | undefined;
  /** The app has imported the in-request API. */
  trackRequests(): void;
  /**
   * Starts measuring, with the last step.
   * @param protocol of the server that is about to listen or has a request; undefined if something else is the reason
   *   to start
   * @param listening servers that listen already, or are about to
   */
  start(protocol: Protocol, listening: readonly object[]): Steps;
  /** Measures a connection from its beginning that a server of HTTP/1 has got before the end of `start`. */
  beginConnection(socket: object, server: object): void;
  /**
   * Measures a request that Node.js announced before `start`.
   * @param message as published on `http.server.request.start`; undefined for a request that is not measured
   */
  beginRequest(message: unknown): void;
  /** Whether other processes can have this process' measurements as soon as `open` returns. */
  canJoinAtOnce(): boolean;
  /**
   * Opens the exporters and logs what is measured and where it goes; does nothing if the pipeline is closed already.
   * @param server that listens or has a request, if there is one
   */
  open(server: object | undefined): void;
  /** A server is about to listen on a port. If it is the app's, and the port is ours, the port is released. */
  releasePort(port: number, server: object): void;
  /**
   * The app has its own MeterProvider: its instruments record there from now on, and everything is closed as soon as
   * the app measures HTTP itself too.
   */
  stepAside(): void;
  /** Flushes and closes everything. Never rejects. */
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
  readonly sources: Sources;
  /** Patches the frameworks that the app has loaded since the last look. */
  readonly look: () => void;
  /** The frameworks that are bundled into the app and therefore not patched. */
  readonly findBundled: () => Promise<readonly string[]>;
  /** The app made an instrument. */
  readonly onInstrument: () => void;
  /** Called for each measurement before `start`, if an exporter can hand it to other processes at once. */
  readonly onRecord: () => void;
  /** The app measures for itself, and everything is closed. */
  readonly onClosed: () => void;
}
