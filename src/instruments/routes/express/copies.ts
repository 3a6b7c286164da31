import { createRequire } from 'node:module';
import type { Layer } from './layer.ts';

const LAYER_FILE = /[/\\](?:express[^/\\]*[/\\]lib[/\\]router|router[/\\]lib)[/\\]layer\.js$/;

/**
 * The prototypes of the layers of every copy of Express that is loaded: one that only mounts shows no layer of its
 * own where a router is called inside a function. A bundled copy is not among them.
 */
export function loadedLayers(): readonly Layer[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache)
    .filter((file) => LAYER_FILE.test(file))
    .map((file): unknown => cache[file]?.exports)
    .filter((made) => typeof made === 'function')
    .map((made) => Object.create(made.prototype) as Layer);
}
