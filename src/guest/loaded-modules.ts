import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';
import type { Log } from './log.ts';
import { isRecord } from './shape.ts';

/** What is done to a package that the app loads. */
export interface Patch {
  /** Its name, which is its folder in `node_modules`. */
  readonly package: string;
  /**
   * The file that is patched, relative to the package: `lib/application.js`. Several if the package has one for ES
   * modules and one for CommonJS, or if its versions differ.
   */
  readonly files: readonly string[];
  /** The versions for which the patch was written, for the message about others: `2 and 3`. */
  readonly versions: string;
  /**
   * Patches what the file exports. Called under the guard, once for every copy of the package.
   *
   * @returns false if the exports have another shape than expected; then nothing may have been changed
   */
  apply(exports: unknown): boolean;
  /**
   * Patches before the app gets the exports, which loads the file a moment before the app does. By default the file is
   * patched when the first server listens, and nothing is loaded that the app has not loaded.
   */
  readonly early?: true;
}

/** Takes a patch; from then on it is applied to what the app loads. */
export type PatchModule = (patch: Patch) => void;

/** Patches modules that the app has loaded. */
export interface LoadedModules {
  readonly patch: PatchModule;
  /** Patches what has been loaded since the last look. Costs next to nothing if there is nothing new. */
  look(): void;
}

interface Found {
  readonly patch: Patch;
  readonly isModule: boolean;
  tries: number;
}

/** An ES module that is still being loaded elsewhere cannot be had. */
const MOST_TRIES = 10;
const FOLDER = '/node_modules/';

/**
 * Hears of the files that the app resolves by a hook that only reads: a hook into loading, even one that passes
 * everything through, breaks `import` on Node.js 22.15 to 22.22 and 24.0 to 24.11. The hook is installed with the first
 * patch. It sees packages in a folder `node_modules`, and none that is bundled into the app.
 *
 * https://nodejs.org/api/module.html#moduleregisterhooksoptions
 */
export function createLoadedModules(guard: Guard, log: Log): LoadedModules {
  const require = createRequire(import.meta.url);
  const patches = new Map<string, Patch>();
  /** By its URL, what has been resolved and is not patched yet. */
  const found = new Map<string, Found>();
  const patched = new WeakSet<object>();

  const apply = guard('route', (patch: Patch, url: string, exports: unknown): void => {
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return;
    if (patched.has(exports)) return;
    patched.add(exports);
    if (patch.apply(exports)) return;
    const name = `${patch.package} ${versionOf(patch, url)}`;
    log.once(
      `patch:${name}`,
      'warn',
      `${name} is unknown, known are ${patch.versions}: its requests are measured without a route; name it with route() of routemeter, or list the patterns in ROUTEMETER_ROUTES`,
    );
  });

  const note = guard('route', (url: string, format: string | null | undefined): void => {
    const start = url.lastIndexOf(FOLDER);
    const patch = start < 0 ? undefined : patches.get(url.slice(start + FOLDER.length));
    if (patch === undefined || found.has(url)) return;
    found.set(url, { patch, isModule: format === 'module', tries: 0 });
    if (patch.early !== true) return;
    apply(patch, url, require(fileURLToPath(url)));
  });

  /** Undefined if CommonJS has only been resolved so far, and not loaded. */
  const exportsOf = (url: string, isModule: boolean): unknown => {
    const file = fileURLToPath(url);
    const loaded = require.cache[file];
    if (loaded !== undefined) return loaded.loaded ? loaded.exports : undefined;
    return isModule ? require(file) : undefined;
  };

  const look = guard('route', (): void => {
    for (const [url, each] of found) {
      let exports: unknown;
      try {
        exports = exportsOf(url, each.isModule);
      } catch (error) {
        if (++each.tries < MOST_TRIES) continue;
        found.delete(url);
        throw error;
      }
      if (exports === undefined) continue;
      found.delete(url);
      apply(each.patch, url, exports);
    }
  });

  return {
    patch(patch) {
      if (patches.size === 0) {
        module.registerHooks?.({
          resolve(specifier, context, next) {
            const resolved = next(specifier, context);
            note(resolved.url, resolved.format);
            return resolved;
          },
        });
      }
      for (const file of patch.files) patches.set(`${patch.package}/${file}`, patch);
    },
    look() {
      if (found.size > 0) look();
    },
  };
}

/** As in the package's own package.json. */
function versionOf({ package: name }: Patch, url: string): string {
  const folder = url.slice(0, url.lastIndexOf(FOLDER) + FOLDER.length) + name;
  const { readFileSync } = getBuiltinModule('node:fs');
  const content: unknown = JSON.parse(readFileSync(new URL(`${folder}/package.json`), 'utf8'));
  return isRecord(content) ? String(content.version) : '';
}
