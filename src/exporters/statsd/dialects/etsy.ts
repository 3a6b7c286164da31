import type { Dialect } from './dialect.ts';

/** `name.value.value:1|c`: the original, and every server without tags. */
export const etsy: Dialect = {
  specification: 'https://github.com/statsd/statsd/blob/master/docs/metric_types.md',
  names: 'hierarchy',
  distribution: 'ms',
  weight: 'repeat',
  joined: 'samples',
  frame: (name) => ({ before: name, after: '' }),
};
