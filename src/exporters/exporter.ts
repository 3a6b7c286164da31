import type { Server } from 'node:net';
import type { Meter } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { MetricData, MetricReader } from '@opentelemetry/sdk-metrics';
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

/** What every exporter gets besides its own part of the configuration. */
export interface ExporterContext {
  readonly config: Config;
  readonly log: Log;
  readonly guard: Guard;
  readonly instruments: Instruments;
  /** How a gauge of that name aggregates over processes. */
  readonly gaugeAggregation: (instrument: string) => GaugeAggregation;
  /**
   * Marks the collection that the given function starts at once as one that nobody asked for: of the app's callbacks only
   * those of counters run for it, unless they are asynchronous.
   */
  readonly inBackground: <Result>(collect: () => Promise<Result>) => Promise<Result>;
}

/** One way out for the metrics. Creating it opens nothing, times nothing and prints nothing. */
export interface Exporter {
  readonly reader: MetricReader;
  /** It is read when somebody asks, which may be never. */
  readonly pulled?: true;
  /** It reads percentiles out of histograms, which are then recorded on fine boundaries. */
  readonly fine?: true;
  /**
   * Opens sockets and starts timers, none of which may keep the process alive.
   * Resolves with where the metrics go, for the line printed at start, or undefined if it could not open (it has
   * then said why itself). Never rejects.
   */
  open(): Promise<string | undefined>;
  /** Hands over what is pending; settles within that many milliseconds. Never rejects. */
  flush?(deadlineMillis: number): Promise<void>;
  /** The process is about to end, after a flush if there was time for one. It may live on all the same. */
  handOver?(): void;
  /** Something has been recorded: called for each measurement once `open` has been, so it must cost next to nothing. */
  recorded?(): void;
  /** Whether others are there already that have this process' measurements as soon as `open` returns. */
  canJoinAtOnce?(): boolean;
  /**
   * The process ends now, though code of the app may still run and record; instead of `handOver`, where it is there.
   */
  exit?(): void;
  /** The app is about to listen on that port: lets go of it before this returns, and says so, if it is ours. */
  releasePort?(port: number): void;
  /** Closes what `open` opened; pending data has been flushed by the caller. Never rejects. */
  close(): Promise<void>;
  /** Makes the instruments that tell how the exporter itself is doing. */
  instrument?(meter: Meter): void;
  /** The exporter's own server, whose requests are not measured. */
  readonly server?: Server;
  /** The agent of the exporter's own HTTP requests, which are not measured. */
  readonly agent?: object | undefined;
}
