import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/**
 * Loads a module of this package when it is needed, synchronously: the preload stays small, and a server that
 * starts to listen is measured from its first request on.
 *
 * @param path relative to this file, without its ending
 */
export function load<Module>(path: `./${string}`): Module {
  try {
    return require(path + extension);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw new Error('a bundle does not hold all of routemeter: mark the package as external', {
        cause: error,
      });
    }
    throw error;
  }
}
