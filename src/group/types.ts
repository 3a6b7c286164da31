import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GaugeAggregation } from '../config/types.ts';
import type { Guard } from '../guest/guard.ts';
import type { Log } from '../guest/log.ts';
import type { Labels } from '../metric-data/labels.ts';
import type { Host } from './members/host.ts';
import type { OwnReader } from './members/own-metrics.ts';
import type { Role } from './port/joining.ts';

/**
 * All that an exporter has to know of groups. A group is the processes and worker threads of one service on one host;
 * each is a member. Where they share a port, the member that binds it owns the port and serves the sum of all
 * ({@link Group}). Where each of them pushes, the oldest sends the gauges of all ({@link SharedGauges}). An exporter
 * makes one with `createGroup` or `createSharedGauges`, and finds the host with `thisHost`.
 */

export type { Owner } from './port/owner.ts';
export type { Host, OwnReader, Role };

/** What the members share: each tries to bind it, and one at a time can. */
export interface SharedEndpoint {
  /** As it is configured. */
  readonly host: string;
  readonly port: number;
  /** Resolves with nothing once it is bound, or with the system's error. Never rejects. */
  bind(): Promise<NodeJS.ErrnoException | undefined>;
  /** Lets go of it at once, because the app of another process takes the port. */
  unbind(): void;
}

/** In milliseconds. */
export interface GroupTimes {
  /** Between two looks of the owner at its members, and between two times that a member writes its state. 1000. */
  readonly tick: number;
  /** For how long `join` waits out a transient state, such as a port whose owner is not known yet. 2000. */
  readonly settle: number;
  /** Between two attempts meanwhile. 100. */
  readonly retry: number;
}

export interface GroupOptions {
  readonly host: Host;
  /** The private folder, as `findDirectory` found it. */
  readonly directory: string;
  readonly service: string;
  readonly endpoint: SharedEndpoint;
  readonly own: OwnReader;
  /** Labels of every series of this process. */
  readonly labels: Labels;
  /** Attributes of this process' resource, besides those that are collected. */
  readonly resourceAttributes: Attributes;
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** Whether a gauge may have a series per process: then a lone process has its own labelled, too. */
  readonly perProcess: boolean;
  /** Series of a metric that retired members may leave. */
  readonly cardinalityLimit: number;
  /** Milliseconds without a measurement after which a series ends; undefined if none does. */
  readonly seriesTtlMillis: number | undefined;
  /** Series that have ended of which a member keeps the totals at most, if it has fewer that live; 1000 by default. */
  readonly mostEnded?: number;
  readonly guard: Guard;
  readonly log: Log;
  /** The defaults are those of production. */
  readonly times?: Partial<GroupTimes>;
}

/** What is served for a group. */
export interface GroupMetrics extends ResourceMetrics {
  /** Labels that the series do not have yet. */
  readonly labels: Labels;
}

/** The members that share an endpoint. When the owner of the port ends another takes over, with every total intact. */
export interface Group {
  /** Never rejects. Where `canJoinAtOnce` is true this process is a member when this returns. */
  join(): Promise<Role>;
  /** Whether there is an owner that it can join without turning the event loop. */
  canJoinAtOnce(): boolean;
  /** Something has been recorded: it is written soon if others may read it. */
  recorded(): void;
  /** The sum of all members if this process owns the port; else its own metrics alone. */
  collect(): Promise<GroupMetrics>;
  /** Hands over what has been recorded. Never rejects. */
  flush(): Promise<void>;
  /**
   * The app is about to listen on the port itself. Another owner lets go of it before this returns, which blocks the
   * thread for 0.3 s at most.
   *
   * @param bound whether this process has bound the port
   * @returns whether another process, or another thread of this one, owned it
   */
  take(bound: boolean): boolean;
  /** The port belongs to the app: this process never owns it again. */
  release(): void;
  /** The process is about to end: others take over now. If it lives on it is back within a second. */
  handOver(): void;
  /** The same where code of the app may still record, in its 'exit' listeners: that is written at once. */
  exit(): void;
  /** Ends this process' part for good. */
  leave(): void;
}

export interface SharedGaugesOptions {
  readonly host: Host;
  /** Equal in all processes whose gauges would overwrite one another where they are sent. */
  readonly destination: readonly string[];
  /** How often each process shares its gauges. */
  readonly intervalMillis: number;
  readonly aggregationOf: (gauge: string) => GaugeAggregation;
  /** Whether series end when nothing is recorded to them. */
  readonly seriesEnd: boolean;
  /** See {@link GroupOptions}. */
  readonly mostEnded?: number;
  readonly guard: Guard;
  readonly log: Log;
  /** Milliseconds that never go back; `performance.now` by default. */
  readonly now?: () => number;
}

/**
 * Gauges and up-down counters of the members that send to one place, where the values of one would overwrite those of
 * another. Each keeps its own in files, and the oldest member sends what they come to. Sending twice does no harm, so
 * there is no vote: each looks for itself whether an older member lives.
 */
export interface SharedGauges {
  /** Lets the others know of this process. Never rejects. */
  join(): Promise<void>;
  /**
   * What this process is to send of what it has collected: its counters and histograms, and the gauges and up-down
   * counters of all members if it sends for them. Those of others are at most one interval old. Never rejects.
   */
  share(metrics: ResourceMetrics): Promise<ResourceMetrics>;
  /** The process is about to end: its gauges no longer count. If it lives on it is back when it shares again. */
  handOver(): void;
  /** Ends this process' part for good. */
  leave(): void;
}
