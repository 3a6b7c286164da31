import type { LogLevel } from '../guest/log.ts';

/** Histogram boundaries, in the instrument's own unit, for every instrument whose name matches. */
export interface BucketRule {
  /** An instrument name; each `*` stands for any text. */
  readonly instrument: string;
  /** Strictly increasing upper bounds, without +Inf. */
  readonly boundaries: readonly number[];
}

/**
 * What a gauge of a group of processes is: the sum, the largest or the smallest of what its living processes say; what
 * the one says whose value changed last; or a series a process.
 */
export type GaugeAggregation = 'sum' | 'max' | 'min' | 'newest' | 'process';

/** How the gauges whose names match aggregate over the processes of a group. */
export interface GaugeRule {
  /** An instrument name; each `*` stands for any text. */
  readonly instrument: string;
  readonly aggregation: GaugeAggregation;
}

/** One entry of `ROUTEMETER_ATTRIBUTES`; the last entry that matches a name decides. */
export interface AttributeRule {
  /** An attribute name; each `*` stands for any text. */
  readonly attribute: string;
  readonly keep: boolean;
}

/** A key that `tag` may set on a request, and the values it may have. */
export interface TagDeclaration {
  readonly key: string;
  readonly values: readonly string[];
}

/** The names that `ROUTEMETER_HTTP_ENGINE` accepts; each is a row in `src/instruments/http/engines.ts`. */
export const HTTP_ENGINES = ['lean', 'otel'] as const;
export type HttpEngine = (typeof HTTP_ENGINES)[number];

export type StatsdDialect = 'datadog' | 'dogstatsd' | 'etsy' | 'graphite' | 'sysdig' | 'telegraf';

/** Where StatsD lines go. */
export type StatsdAddress =
  | { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  /** A stream socket. */
  | { readonly transport: 'unix'; readonly path: string };

/** The same settings from code, for `start(options)`; each one given wins over the environment. */
export interface Options {
  readonly strict?: boolean;
  readonly logLevel?: LogLevel;
  readonly serviceName?: string;
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Names as in `OTEL_METRICS_EXPORTER`: `['prometheus', 'otlp']`. */
  readonly exporters?: readonly ('prometheus' | 'otlp' | 'statsd' | 'console' | 'none')[];
  readonly prometheus?: {
    readonly host?: string;
    readonly port?: number;
    /** Whether each series has `otel_scope_name` and the like. */
    readonly scopeLabels?: boolean;
  };
  readonly otlp?: {
    readonly protocol?: 'http/protobuf' | 'http/json';
    /** The full URL of the metrics endpoint. */
    readonly url?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly compression?: 'none' | 'gzip';
    readonly timeoutMillis?: number;
    readonly temporality?: 'cumulative' | 'delta' | 'lowmemory';
  };
  readonly statsd?: {
    /** `udp://host:port`, `tcp://host:port` or `unix:///path`. */
    readonly url?: string;
    readonly dialect?: StatsdDialect;
    readonly prefix?: string;
    readonly packetSize?: number;
    readonly intervalMillis?: number;
    readonly nameOrder?: readonly string[];
  };
  readonly exportIntervalMillis?: number;
  readonly exportTimeoutMillis?: number;
  /** Boundaries in seconds for every histogram of durations, or rules per instrument. */
  readonly buckets?: readonly number[] | Readonly<Record<string, readonly number[]>>;
  /** Aggregations by instrument name, in which each `*` stands for any text: `{ 'queue.length': 'max' }`. */
  readonly gauges?: Readonly<Record<string, GaugeAggregation>>;
  /** As in `ROUTEMETER_ATTRIBUTES`: `['+server.address', '-url.scheme']`. */
  readonly attributes?: readonly string[];
  readonly cardinalityLimit?: number;
  /** Keys that `tag` may set, with the values they may have: `{ plan: ['free', 'pro'] }`. */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  readonly ignore?: readonly string[];
  readonly routes?: readonly string[];
  readonly httpEngine?: HttpEngine;
  /** All HTTP methods that are told apart, in the case in which requests have them; any other is `_OTHER`. */
  readonly knownMethods?: readonly string[];
  /** Measures outgoing requests too. */
  readonly httpClient?: boolean;
  /** Measures how long each request keeps the thread busy. */
  readonly cpu?: boolean;
}

/** Where the configuration comes from; the default is this process. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly options: Options;
  /** The entry script, if any, links resolved. */
  readonly entry: string | undefined;
  /** The entry script as it was named; the same as above if left out. */
  readonly link?: string | undefined;
  /** In a worker thread, the name of the service that its process is, if that is known. */
  readonly processName?: string | undefined;
  readonly cwd: string;
  readonly readFile: (path: string) => Buffer;
}
