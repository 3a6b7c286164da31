import { type Dialect, printable } from './dialect.ts';

/** `name:1|c|#key:value,key:value`: Datadog's Agent, statsd_exporter, the OpenTelemetry Collector, Vector. */
export const dogstatsd: Dialect = {
  specification: 'https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/',
  names: 'family',
  distribution: 'd',
  weight: 'rate',
  framed: true,
  frame: (name, tags) => ({
    before: name,
    after:
      tags.length === 0
        ? ''
        : `|#${tags.map(([key, value]) => `${key}:${printable(value).replace(/[|,]/g, '_')}`).join(',')}`,
  }),
};
