import type { LogLevel } from '../guest/log.ts';

/** Histogram boundaries, in the instrument's own unit, for every instrument whose name matches. */
export interface BucketRule {
  /** An instrument name; each `*` stands for any text. */
  readonly instrument: string;
  /** Strictly increasing upper bounds, without +Inf. */
  readonly boundaries: readonly number[];
}

/**
 * How a gauge aggregates over the living processes of a group: the sum, the largest or the smallest of their values, the
 * value that changed last, or one series for each process.
 */
export const GAUGE_AGGREGATIONS = ['sum', 'max', 'min', 'newest', 'process'] as const;
export type GaugeAggregation = (typeof GAUGE_AGGREGATIONS)[number];

/** How the gauges whose names match aggregate. */
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
  /** Where the value comes from unless `tag` sets it. */
  readonly header?: TagHeader;
}

export interface TagHeader {
  readonly of: 'request' | 'response';
  /** In lower case. */
  readonly name: string;
}

export const EXPORTER_NAMES = ['prometheus', 'otlp', 'statsd', 'console'] as const;
export type ExporterName = (typeof EXPORTER_NAMES)[number];

/** What measures incoming requests; each is a row in `src/instruments/http/engines.ts`. */
export const HTTP_ENGINES = ['lean', 'otel'] as const;
export type HttpEngine = (typeof HTTP_ENGINES)[number];

/**
 * The methods of RFC 9110, PATCH of RFC 5789 and QUERY:
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration
 */
export const KNOWN_METHODS: readonly string[] =
  'CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE'.split(' ');

/** https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/#configuration */
export const PROMETHEUS_NAMES = ['underscores', 'utf-8'] as const;
export type PrometheusNames = (typeof PROMETHEUS_NAMES)[number];

export const STATSD_DIALECTS = ['datadog', 'dogstatsd', 'etsy', 'graphite', 'sysdig', 'telegraf'] as const;
export type StatsdDialect = (typeof STATSD_DIALECTS)[number];

/** Where StatsD lines go. */
export type StatsdAddress =
  | { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  /** A stream socket. */
  | { readonly transport: 'unix'; readonly path: string };

/** Settings from code, for `start(options)`. Each one that is given wins over its environment variable. */
export interface Options {
  /** Whether a wrong configuration ends the process. */
  readonly strict?: boolean;
  readonly logLevel?: LogLevel;
  readonly serviceName?: string;
  readonly resourceAttributes?: Readonly<Record<string, string>>;
  /** Dimensions of every series: `{ environment: 'dev' }`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** `['prometheus', 'otlp']`; an empty array or `['none']` measures nothing. */
  readonly exporters?: readonly (ExporterName | 'none')[];
  readonly prometheus?: {
    readonly host?: string;
    /** With 0 the system chooses. */
    readonly port?: number;
    /** What metrics and labels are called. */
    readonly names?: PrometheusNames;
    /** Whether each series has `otel_scope_name` and the other labels of its scope. */
    readonly scopeLabels?: boolean;
  };
  readonly otlp?: {
    readonly protocol?: 'http/protobuf' | 'http/json';
    /** The full URL of the metrics endpoint, `/v1/metrics` included. */
    readonly url?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly compression?: 'none' | 'gzip';
    /** For one export, retries included. */
    readonly timeoutMillis?: number;
    readonly temporality?: 'cumulative' | 'delta' | 'lowmemory';
  };
  readonly statsd?: {
    /** `udp://host:port`, `tcp://host:port` or `unix:///path`. */
    readonly url?: string;
    readonly dialect?: StatsdDialect;
    /** Put before every name. */
    readonly prefix?: string;
    /** Bytes of the largest packet. */
    readonly packetSize?: number;
    readonly intervalMillis?: number;
    /** Attributes whose values make up the names of dialects without tags, in this order. */
    readonly nameOrder?: readonly string[];
  };
  readonly exportIntervalMillis?: number;
  /** For one push; never more than the interval. */
  readonly exportTimeoutMillis?: number;
  /** Boundaries in seconds for every histogram of durations, or boundaries by instrument name. */
  readonly buckets?: readonly number[] | Readonly<Record<string, readonly number[]>>;
  /** Aggregations by instrument name, in which each `*` stands for any text: `{ 'queue.length': 'max' }`. */
  readonly gauges?: Readonly<Record<string, GaugeAggregation>>;
  /** Attributes to keep or drop: `['+server.address', '-url.scheme']`. The last match decides. */
  readonly attributes?: readonly string[];
  /** Series per instrument, for the life of the process unless series end. */
  readonly cardinalityLimit?: number;
  /** Milliseconds without a measurement after which a series ends; without it they stay. */
  readonly seriesTtlMillis?: number;
  /**
   * Keys that `tag` may set on a request, with the values they may have: `{ plan: ['free', 'pro'] }`. A key can name the
   * header that has the value: `plan@x-plan` one of the request, `plan@response:x-plan` one of the response.
   */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
  /** Routes or paths that are not measured: `['/healthz', '/internal/*']`. */
  readonly ignore?: readonly string[];
  /** Patterns for apps that route by hand: `['/users/:id', '/files/*']`. */
  readonly routes?: readonly string[];
  readonly httpEngine?: HttpEngine;
  /** HTTP methods to count separately, in the case in which requests have them; any other is `_OTHER`. */
  readonly knownMethods?: readonly string[];
  /** Whether outgoing requests are measured too. */
  readonly httpClient?: boolean;
  /** Whether to measure how long each request keeps the thread busy. */
  readonly cpu?: boolean;
  /** Whether to measure how long each answer takes to begin. */
  readonly firstByte?: boolean;
  /** Whether to measure the sizes of the bodies of requests and responses. */
  readonly bodySize?: boolean;
  /** Whether to measure how long requests wait before the app sees them. */
  readonly queue?: boolean;
}

/** The path of an option: `strict`, `prometheus.port`. */
export type OptionPath = {
  [Key in keyof Options]-?: Key extends ExporterName
    ? `${Key}.${keyof NonNullable<Options[Key]> & string}`
    : Key;
}[keyof Options];

/** Where the configuration comes from. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly options: Options;
  /** The entry script, if there is one, with links resolved. */
  readonly entry: string | undefined;
  /** The entry script as it was named, if that differs. */
  readonly link?: string | undefined;
  /** In a worker thread, the service name of its process, if that is known. */
  readonly processName?: string | undefined;
  readonly cwd: string;
  readonly readFile: (path: string) => Buffer;
}
