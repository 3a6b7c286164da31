import { createRequire } from 'node:module';
import { codeOf } from './shape.ts';

/** The folder of this package's own files: `src`; or `dist`, where the files that are built of them lie side by side. */
export function ownFolder(): URL {
  return new URL(/\/guest\/load\.[jt]s$/.test(import.meta.url) ? '..' : '.', import.meta.url);
}

/**
 * Loads a module of this package when it is needed, synchronously: the preload stays small, and a server that
 * starts to listen is measured from its first request on.
 *
 * @param path relative to `src`, without its extension; the build puts the name of the file in its place that has
 *   become of the module
 */
export function load<Module>(path: `./${string}`): Module {
  try {
    // Not earlier: a bundle of CommonJS has no such URL.
    const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
    return createRequire(ownFolder())(path + extension);
  } catch (error) {
    if (import.meta.url === undefined || codeOf(error) === 'MODULE_NOT_FOUND') {
      throw new Error('the bundle does not contain all of routemeter: mark the package as external', {
        cause: error,
      });
    }
    throw error;
  }
}
