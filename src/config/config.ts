import type { LogLevel } from '../guest/log.ts';
import type {
  AttributeRule,
  BucketRule,
  GaugeRule,
  HttpEngine,
  StatsdAddress,
  StatsdDialect,
  TagDeclaration,
} from './types.ts';

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
  readonly httpEngine: HttpEngine;
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
