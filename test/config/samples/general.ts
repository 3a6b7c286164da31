import { EXPORTER_NAMES } from '../../../src/config/types.ts';
import { boolean, choice, MILLISECONDS, NOT_AN_ARRAY, type Samples } from './sample.ts';

export const GENERAL: Samples = {
  ROUTEMETER_DISABLED: boolean('yes'),
  OTEL_CONFIG_FILE: {
    good: {},
    bad: { 'otel.yaml': 'declarative configuration is not supported' },
    accepted: 'environment variables, with OTEL_CONFIG_FILE unset',
  },
  OTEL_LOG_LEVEL: choice(
    { WARN: 'warn', none: 'none', verbose: 'debug', ALL: 'debug' },
    'loud',
    'none, error, warn, info, debug, verbose, all',
  ),
  OTEL_SERVICE_NAME: {
    good: { ' cart ': 'cart' },
    option: 'cart',
    accepted: 'a name such as shop',
    badOptions: [
      ['', 'must be a non-empty string'],
      [5, 'must be a non-empty string'],
    ],
  },
  OTEL_RESOURCE_ATTRIBUTES: {
    good: {
      'service.version=1.2, team=a%2Cb%3D100%25,': { 'service.version': '1.2', team: 'a,b=100%' },
      'service.name=a,x=': { 'service.name': 'a', x: '' },
    },
    option: { 'service.version': '1.2', team: 'a,b=100%' },
    bad: {
      a: '"a" has no =',
      '=1,b=%zz': ['"=1" has no key', '"b=%zz" is not valid percent-encoding'],
      'a=b=c': '"a=b=c" has a second =, which must be written as %3D',
    },
    accepted: 'key=value,key2=value2, percent-encoded',
    badOptions: [[{ a: 1 }, '"a" is not a string']],
  },
  ROUTEMETER_EXPORTER: {
    good: {
      'otlp, statsd,prometheus,otlp': ['prometheus', 'otlp', 'statsd'],
      Console: ['console'],
      none: [],
    },
    option: ['statsd', 'otlp', 'prometheus'],
    bad: {
      stats: 'unknown exporter "stats"',
      'none,console': '"none" cannot be combined with other exporters',
      'a,console,toString': ['unknown exporter "a"', 'unknown exporter "tostring"'],
    },
    accepted: [...EXPORTER_NAMES, 'none'].join(', '),
    badOptions: [['otlp', NOT_AN_ARRAY]],
  },
  OTEL_METRIC_EXPORT_INTERVAL: MILLISECONDS,
  OTEL_METRIC_EXPORT_TIMEOUT: MILLISECONDS,
  ROUTEMETER_STRICT: boolean('1'),
};
