import type { Dialect } from './dialect.ts';

/**
 * `name;key=value;key=value:1|c`, the tags of Graphite 1.1, through Etsy's server from 0.9 on. That server writes `/`
 * as `-` and deletes all but ASCII letters, digits and `_-.;=`, which could leave a value empty; Graphite refuses that.
 */
export const graphite: Dialect = {
  specification: 'https://graphite.readthedocs.io/en/latest/tags.html#carbon',
  names: 'instrument',
  distribution: 'ms',
  weight: 'repeat',
  joined: 'samples',
  frame: (name, tags) => ({
    before: [name, ...tags.map(([key, value]) => `${key}=${value.replace(/[^\w./=-]/g, '_')}`)].join(';'),
    after: '',
  }),
};
