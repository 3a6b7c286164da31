import { createRequire } from 'node:module';

/** Of this package, from its package.json. The build puts the version itself in the place of this file. */
export const { version } = createRequire(import.meta.url)('../../package.json') as {
  readonly version: string;
};
