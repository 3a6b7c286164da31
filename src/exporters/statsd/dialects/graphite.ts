import type { Dialect } from './dialect.ts';

/**
 * `name;key=value;key=value:1|c`, the tags of Graphite 1.1, through Etsy's server from 0.9 on. That deletes what is
 * no ASCII letter, digit or one of `_-.;=`, and so would leave a value of other characters empty, which Graphite
 * refuses; `/` it goes on to write as `-`.
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
