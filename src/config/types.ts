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

export interface PrometheusConfig {
  readonly kind: 'prometheus';
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Whether each series tells the scope of its instrument. */
  readonly scopeLabels: boolean;
}

export interface OtlpConfig {
  readonly kind: 'otlp';
  readonly protocol: 'http/protobuf' | 'http/json';
  /** The full URL that metrics are posted to, `/v1/metrics` included where the specification adds it. */
  readonly url: string;
  /** The variable or option that sets it; undefined for the default. */
  readonly endpoint?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly compression: 'none' | 'gzip';
  /** Milliseconds for one export, retries included. */
  readonly timeoutMillis: number;
  /** Contents of the PEM files, read when the configuration is. */
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly temporality: 'cumulative' | 'delta' | 'lowmemory';
  readonly histogramAggregation: 'explicit_bucket_histogram' | 'base2_exponential_bucket_histogram';
}

export interface ConsoleConfig {
  readonly kind: 'console';
}

export type StatsdDialect = 'datadog' | 'dogstatsd' | 'etsy' | 'graphite' | 'sysdig' | 'telegraf';

/** Where StatsD lines go. */
export type StatsdAddress =
  | { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  /** A stream socket. */
  | { readonly transport: 'unix'; readonly path: string };

export interface StatsdConfig {
  readonly kind: 'statsd';
  readonly address: StatsdAddress;
  readonly dialect: StatsdDialect;
  /** Put before every name; empty, or ends with a separator. */
  readonly prefix: string;
  /** Bytes of the largest packet. */
  readonly packetSize: number;
  readonly intervalMillis: number;
  /** Attributes whose values make up the names of dialects without tags, in this order. */
  readonly nameOrder: readonly string[];
}

export type ExporterConfig = PrometheusConfig | OtlpConfig | StatsdConfig | ConsoleConfig;

export interface Config {
  readonly strict: boolean;
  readonly logLevel: LogLevel;
  readonly serviceName: string;
  /** `OTEL_RESOURCE_ATTRIBUTES`, without `service.name`. */
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Default dimensions of every series of every exporter. */
  readonly labels: Readonly<Record<string, string>>;
  /** Empty for `none`. */
  readonly exporters: readonly ExporterConfig[];
  readonly exportIntervalMillis: number;
  /** Never more than the interval. */
  readonly exportTimeoutMillis: number;
  readonly buckets: readonly BucketRule[];
  readonly gauges: readonly GaugeRule[];
  readonly attributes: readonly AttributeRule[];
  readonly tags: readonly TagDeclaration[];
  /** Series per instrument for the life of the process. */
  readonly cardinalityLimit: number;
  /** Routes or paths that are not measured; each `*` stands for any text. */
  readonly ignore: readonly string[];
  /** Patterns for apps that route by hand. */
  readonly routes: readonly string[];
  readonly httpEngine: 'lean' | 'otel';
  /** Those that are told apart; all others are `_OTHER`. */
  readonly knownMethods: readonly string[];
  /** False when `OTEL_NODE_DISABLED_INSTRUMENTATIONS` or `OTEL_NODE_ENABLED_INSTRUMENTATIONS` leave `http` out. */
  readonly httpEnabled: boolean;
  /** Outgoing requests of node:http and node:https. */
  readonly httpClientEnabled: boolean;
  /** Outgoing requests of `fetch` and undici; false also when the same variables leave `undici` out. */
  readonly fetchEnabled: boolean;
  /** How long each request keeps the thread busy. */
  readonly cpu: boolean;
  /** False when the same variables leave `runtime-node` out. */
  readonly runtimeEnabled: boolean;
  /** `XDG_RUNTIME_DIR` if it is an absolute path: https://specifications.freedesktop.org/basedir-spec/latest/ */
  readonly runtimeDirectory: string | undefined;
}

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
  readonly httpEngine?: 'lean' | 'otel';
  /** All HTTP methods that are told apart, in the case in which requests have them; any other is `_OTHER`. */
  readonly knownMethods?: readonly string[];
  /** Measures outgoing requests too. */
  readonly httpClient?: boolean;
  /** Measures how long each request keeps the thread busy. */
  readonly cpu?: boolean;
}

export type ConfigResult =
  | {
      readonly ok: true;
      readonly config: Config;
      /** One sentence for each variable that is probably misspelt: it may be somebody else's. */
      readonly warnings: readonly string[];
    }
  | {
      readonly ok: false;
      readonly strict: boolean;
      readonly logLevel: LogLevel;
      /** One sentence a problem: the variable, the value, what is accepted. */
      readonly problems: readonly string[];
    };

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
