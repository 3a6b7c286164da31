import { type Dialect, printable } from './dialect.ts';

/**
 * `name;key=value;key=value:1|c`, the tags of Graphite 1.1, through Etsy's server from 0.9 on, which goes on to
 * write `/` as `-`.
 */
export const graphite: Dialect = {
  specification: 'https://graphite.readthedocs.io/en/latest/tags.html#carbon',
  names: 'instrument',
  distribution: 'ms',
  weight: 'repeat',
  joined: true,
  frame: (name, tags) => ({
    before: [
      name,
      ...tags.map(
        ([key, value]) =>
          `${key}=${printable(value)
            .replace(/[|#:@;\s]/g, '_')
            .replace(/^~+/, '_')}`,
      ),
    ].join(';'),
    after: '',
  }),
};
