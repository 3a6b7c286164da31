import type { Config } from '../../src/config/config.ts';
import { KNOWN_METHODS } from '../../src/config/methods.ts';

/** What an empty environment gives, without an exporter. */
export const DEFAULT_CONFIG: Config = {
  strict: false,
  logLevel: 'info',
  serviceName: 'shop',
  resourceAttributes: {},
  labels: {},
  exporters: [],
  exportIntervalMillis: 60_000,
  exportTimeoutMillis: 30_000,
  buckets: [],
  gauges: [],
  attributes: [],
  tags: [],
  cardinalityLimit: 2000,
  ignore: [],
  routes: [],
  httpEngine: 'lean',
  knownMethods: KNOWN_METHODS,
  httpEnabled: true,
  httpClientEnabled: false,
  fetchEnabled: false,
  cpu: false,
  runtimeEnabled: true,
  runtimeDirectory: undefined,
};
