import { type Dialect, printable } from './dialect.ts';

/** `name,key=value:1|c`, the tags of InfluxDB: Telegraf, statsd_exporter. */
export const telegraf: Dialect = {
  specification: 'https://github.com/influxdata/telegraf/blob/master/plugins/inputs/statsd/README.md',
  names: 'family',
  distribution: 'h',
  weight: 'rate',
  joined: 'samples',
  wholeCounts: true,
  frame: (name, tags) => ({
    before: [
      name,
      ...tags.map(([key, value]) => `${key}=${printable(value).replace(/[|,:[\]\s]/g, '_')}`),
    ].join(),
    after: '',
  }),
};
