import { exporterNames } from '../checks/lists.ts';
import { resourceAttributes } from '../checks/pairs.ts';
import { choice, flag, milliseconds, name } from '../checks/values.ts';
import { codes, type Rows } from '../settings.ts';
import { EXPORTER_NAMES } from '../types.ts';

/** The process, its service, and where its metrics go. */
export const GENERAL = {
  disabled: {
    variables: ['ROUTEMETER_DISABLED', 'OTEL_SDK_DISABLED'],
    check: flag,
    fallback: false,
    default: 'that of `OTEL_SDK_DISABLED`',
    meaning:
      '`true` turns routemeter off: nothing is loaded, opened or printed; `false` leaves it on where `OTEL_SDK_DISABLED` turns off another SDK',
    second: {
      default: '`false`',
      meaning: '`true` turns routemeter off as well as other SDKs',
    },
  },
  configFile: {
    variables: ['OTEL_CONFIG_FILE'],
    check: ({ reject }) =>
      reject(
        'declarative configuration is not supported',
        'environment variables, with OTEL_CONFIG_FILE unset',
      ),
    default: 'unset',
    meaning: 'Not supported: declarative configuration is rejected with a message, not ignored',
  },
  logLevel: {
    variables: ['OTEL_LOG_LEVEL'],
    option: 'logLevel',
    check: choice(['none', 'error', 'warn', 'info', 'debug'], { verbose: 'debug', all: 'debug' }),
    fallback: 'info',
    meaning: '`none`, `error`, `warn`, `info`, `debug`; `verbose` and `all` mean `debug`',
  },
  serviceName: {
    variables: ['OTEL_SERVICE_NAME'],
    option: 'serviceName',
    check: name,
    default: 'the name in package.json',
    meaning: 'Name of the service',
    details: ', [see below](#the-name-of-the-service)',
    readme: true,
  },
  resourceAttributes: {
    variables: ['OTEL_RESOURCE_ATTRIBUTES'],
    option: 'resourceAttributes',
    check: resourceAttributes,
    fallback: {},
    joined: true,
    meaning: '`key=value,key2=value2`, percent-encoded: attributes of the service',
  },
  exporters: {
    variables: ['ROUTEMETER_EXPORTER', 'OTEL_METRICS_EXPORTER'],
    option: 'exporters',
    check: exporterNames,
    fallback: ['prometheus'],
    default: 'that of `OTEL_METRICS_EXPORTER`',
    meaning: 'In place of `OTEL_METRICS_EXPORTER`, where that is meant for another SDK',
    second: {
      default: '`prometheus`',
      meaning: `${codes(EXPORTER_NAMES)}, several with commas; or \`none\``,
      readme: true,
    },
  },
  exportIntervalMillis: {
    variables: ['OTEL_METRIC_EXPORT_INTERVAL'],
    option: 'exportIntervalMillis',
    check: milliseconds,
    fallback: 60_000,
    meaning: 'Milliseconds between two pushes',
    readme: true,
  },
  exportTimeoutMillis: {
    variables: ['OTEL_METRIC_EXPORT_TIMEOUT'],
    option: 'exportTimeoutMillis',
    check: milliseconds,
    fallback: 30_000,
    meaning: 'Milliseconds for one push; never more than the interval',
  },
  strict: {
    variables: ['ROUTEMETER_STRICT'],
    option: 'strict',
    check: flag,
    fallback: false,
    meaning: '`true`: a wrong configuration ends the process',
    readme: true,
  },
} as const satisfies Rows;
