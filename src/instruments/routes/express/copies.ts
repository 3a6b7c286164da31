import { createRequire } from 'node:module';
import type { Layer } from './layer.ts';

const LAYER_FILE = /[/\\](?:express[^/\\]*[/\\]lib[/\\]router|router[/\\]lib)[/\\]layer\.js$/;

/**
 * One layer of every copy of Express that is loaded, found in the module cache: a copy that only mounts shows none of
 * its layers where its router is called inside a function. Bundled copies are not found.
 */
export function loadedLayers(): readonly Layer[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache)
    .filter((file) => LAYER_FILE.test(file))
    .map((file): unknown => cache[file]?.exports)
    .filter((made) => typeof made === 'function')
    .map((made) => Object.create(made.prototype) as Layer);
}
