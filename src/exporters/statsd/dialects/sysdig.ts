import { type Dialect, printable } from './dialect.ts';

/** `name#key=value,key=value:1|c`: the Sysdig agent; statsd_exporter reads them as Librato's. */
export const sysdig: Dialect = {
  specification:
    'https://docs.sysdig.com/en/docs/sysdig-monitor/integrations/custom-integrations/integrate-statsd-metrics',
  names: 'instrument',
  distribution: 'ms',
  weight: 'rate',
  frame: (name, tags) => ({
    before:
      tags.length === 0
        ? name
        : `${name}#${tags.map(([key, value]) => `${key}=${printable(value).replace(/[|#:@,=[\]\s]/g, '_')}`).join()}`,
    after: '',
  }),
};
