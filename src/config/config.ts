import type { EXPORTERS } from './rows/exporters.ts';
import type { GENERAL } from './rows/general.ts';
import type { REQUESTS, SERIES } from './rows/measuring.ts';
import type { Values } from './settings.ts';
import type { ExporterName } from './types.ts';

type General = Values<typeof GENERAL>;
type Requests = Values<typeof REQUESTS>;
type Otlp = Values<typeof EXPORTERS.otlp>;
type File = 'ca' | 'cert' | 'key';

/** The values of an exporter's rows. */
type Of<Kind extends ExporterName> = { readonly kind: Kind } & Values<(typeof EXPORTERS)[Kind]>;

export type PrometheusConfig = Of<'prometheus'>;
export type StatsdConfig = Of<'statsd'>;
export type ConsoleConfig = Of<'console'>;
export interface OtlpConfig extends Omit<Otlp, File> {
  readonly kind: 'otlp';
  /** The variable or option that sets the URL; undefined for the default. */
  readonly endpoint?: string | undefined;
  /** Contents of the PEM files. */
  readonly tls: { readonly [Key in File]?: Buffer };
}

export type ExporterConfig = OtlpConfig | { [Kind in ExporterName]: Of<Kind> }[Exclude<ExporterName, 'otlp'>];

/** The values of the table's rows, and what follows from several of them. */
export interface Config
  extends Omit<General, 'disabled' | 'configFile' | 'serviceName' | 'exporters'>,
    Omit<Requests, 'enabledInstrumentations' | 'disabledInstrumentations' | 'httpClient'>,
    Values<typeof SERIES> {
  readonly serviceName: string;
  /** Empty for `none`. */
  readonly exporters: readonly ExporterConfig[];
  /** False when `http` is not among the instrumentations. */
  readonly httpEnabled: boolean;
  /** Outgoing requests of node:http and node:https. */
  readonly httpClientEnabled: boolean;
  /** Outgoing requests of `fetch` and undici; false also when `undici` is not among the instrumentations. */
  readonly fetchEnabled: boolean;
  /** False when `runtime-node` is not among the instrumentations. */
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
  | ({
      readonly ok: false;
      /** One sentence for each problem: the variable, the value, what is accepted. */
      readonly problems: readonly string[];
    } & Pick<Config, 'strict' | 'logLevel'>);
