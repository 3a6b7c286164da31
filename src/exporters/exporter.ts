import type { Server } from 'node:net';
import type { Meter } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { MetricData, MetricReader, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { AnswerMetrics } from '../api/metrics-slot.ts';
import type { Config } from '../config/config.ts';
import type { GaugeAggregation } from '../config/types.ts';
import type { Guard } from '../guest/guard.ts';
import type { Log } from '../guest/log.ts';
import type { InstrumentKind } from '../metric-data/kind.ts';

/** The instruments of this process in the order in which they were made, each once: the first of a name has it. */
export interface Instruments {
  /** Grows. */
  readonly all: readonly {
    readonly name: string;
    readonly unit: string;
    readonly description: string;
    readonly kind: InstrumentKind;
  }[];
  /** Where one that has been collected stands among them; after all of them if it is not known here. */
  place(scope: InstrumentationScope, metric: MetricData): number;
}

/** Reads at once what synchronous instruments have recorded, where there is no time to collect. */
export interface PendingReader {
  /**
   * @param all whether to read all series, which the reader has then collected; otherwise only those that have been
   *   recorded to since it collected last
   * @returns cumulative values, and each observable once, without any: it may have been there before others of its
   *   name; undefined if the SDK has a shape that we do not know
   */
  read(all: boolean): ScopeMetrics[] | undefined;
}

/** What every exporter gets besides its own part of the configuration. */
export interface ExporterContext {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
  readonly instruments: Instruments;
  /** How a gauge of that name aggregates over processes. */
  readonly gaugeAggregation: (instrument: string) => GaugeAggregation;
  /**
   * Marks the collection that the given function starts at once as one that nobody asked for: of the app's callbacks
   * only those of counters run for it, unless they are asynchronous.
   */
  readonly inBackground: <Result>(collect: () => Promise<Result>) => Promise<Result>;
  /** What the exporter's reader would collect, at once. */
  readonly pendingOf: (reader: MetricReader) => PendingReader;
}

/**
 * One way out for the metrics: what every exporter has, and below it what only some can do.
 * Creating it opens nothing, times nothing and prints nothing.
 */
export interface Exporter extends Capabilities {
  readonly reader: MetricReader;
  /**
   * Opens sockets and starts timers, none of which may keep the process alive.
   * Resolves with where the metrics go, for the line logged at start, or undefined if it could not open; it has then
   * logged why. Never rejects.
   */
  open(): Promise<string | undefined>;
  /** Closes what `open` opened; the caller has flushed pending data. Never rejects. */
  close(): Promise<void>;
}

/** What an exporter may offer; the pipeline uses what is there. */
interface Capabilities {
  /** The reader collects only when somebody asks, which may be never. */
  readonly pulled?: {
    /** Collections that have begun. */
    readonly started: number;
  };
  /** Whether everything that the reader has collected has arrived where it goes; always, by default. */
  readonly delivered?: boolean;
  /** It reads percentiles out of histograms, which are then recorded on fine boundaries. */
  readonly fine?: true;
  readonly processEnd?: ProcessEnd;
  readonly prompt?: Prompt;
  readonly ownServer?: OwnServer;
  /** The agent of the exporter's own HTTP requests, which are not measured. */
  readonly agent?: object | undefined;
  /** Answers a request for the metrics, of all processes if they are served together. Never rejects. */
  readonly answer?: AnswerMetrics;
  /** Makes the instruments that report how the exporter itself is doing. */
  instrument?(meter: Meter): void;
}

/** It hands over at the end of the process what it still has. */
export interface ProcessEnd {
  /** Hands over what is pending; settles within that many milliseconds. Never rejects. */
  flush(deadlineMillis: number): Promise<void>;
  /** The process is about to end, after a flush if there was time for one. It may live on all the same. */
  handOver?(): void;
  /**
   * Called instead of `handOver` where the process ends now and code of the app may still run and record; without it,
   * `handOver` is called.
   */
  exit?(): void;
}

/** Other processes can have a measurement at once, before the event loop turns. */
export interface Prompt {
  /** Something has been recorded. Called for each measurement after `open`, so it must cost next to nothing. */
  recorded(): void;
  /** Whether others are there already that have this process' measurements as soon as `open` returns. */
  canJoinAtOnce(): boolean;
}

/** It listens on a port by a server of its own, whose requests are not measured. */
export interface OwnServer {
  readonly server: Server;
  /** The app is about to listen on that port: if it is ours, releases it before this returns, and logs that. */
  releasePort(port: number): void;
}
