import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';
import { packageOf, pathInPackages, versionOf } from './installed-packages.ts';
import { load, ownFolder } from './load.ts';
import type { Log } from './log.ts';
import { createNearbyPackages } from './nearby-packages.ts';
import { createResolutions } from './resolutions.ts';

/** What is done to a package that the app loads. */
export interface Patch {
  /** Its name, which is its folder in `node_modules`. */
  readonly package: string;
  /**
   * The file that is patched, relative to the package: `lib/application.js`. Several if the package has one for ES
   * modules and one for CommonJS, or if its versions differ. An ES module is recognised as loaded, rather than only
   * resolved, by what it imports: one that imports nothing is never patched.
   */
  readonly files: readonly string[];
  /** The versions for which the patch was written, for the message about others: `2 and 3`. */
  readonly versions: string;
  /**
   * Texts of its source by which a file of the app is recognised that contains it: names of properties and messages, which
   * a minifier leaves. All of them must be there. Left out if another patch of the package has them, or if routes are
   * found without this patch.
   */
  readonly bundled?: readonly string[];
  /**
   * Patches what the file exports. Called under the guard, once for every copy of the package.
   *
   * @returns false if the exports have another shape than expected; then nothing may have been changed
   */
  apply(exports: unknown): boolean;
  /**
   * Patches before the app gets the exports, which loads the file a moment before the app does, and also if the app only
   * resolves it; a turn after that if a loader such as tsx translates what is required. By default the file is patched
   * when the first server listens, and nothing is loaded that the app has not loaded.
   */
  readonly early?: true;
}

/** Takes a patch; from then on it is applied to what the app loads. */
export type PatchModule = (patch: Patch) => void;

/**
 * Calls back once, when it is seen that the app uses that package.
 *
 * @param when it must be seen at the latest: `loaded`, at the first look after that, is enough for CommonJS; `resolved`
 *   is needed for ES modules, and for what is patched early
 */
export type OnPackage = (name: string, when: 'loaded' | 'resolved', callback: () => void) => void;

/** Patches modules that the app has loaded. */
export interface LoadedModules {
  readonly patch: PatchModule;
  readonly onPackage: OnPackage;
  /** Patches what has been loaded since the last look. Costs next to nothing if there is nothing new. */
  look(): void;
  /**
   * The packages that the app's own files seem to contain, so that they cannot be patched. Reads the first of them that
   * were loaded; rejects never.
   */
  findBundled(): Promise<readonly string[]>;
}

interface Found {
  readonly patch: Patch;
  readonly file: string;
  isModule: boolean;
  /** Whether it has imported something, which only a module does that is loaded, and not one that is only resolved. */
  imports: boolean;
}

/** The place of this package, which need not be such a folder. */
const OURS = ownFolder().href;
/** A bundle is one file, or a few that it imports at once. */
const MOST_FILES = 20;

/**
 * What CommonJS has loaded is found in its cache, at the first look. Everything else is heard of as the app resolves it:
 * once it imports ES modules; if a package is installed nearby that must be seen before it is loaded; and after the first
 * look. Packages are seen in a folder `node_modules`, and not if they are bundled into the app. Not found are ES modules
 * that are loaded earlier, but for those that CommonJS requires itself.
 */
export function createLoadedModules(guard: Guard, log: Log): LoadedModules {
  const require = createRequire(import.meta.url);
  const patches = new Map<string, Patch>();
  /** By its name, what waits for a package. */
  const awaited = new Map<string, (() => void)[]>();
  /** By its URL, what has been resolved and is not patched yet. */
  const found = new Map<string, Found>();
  /** The URLs of ES modules that need no second look, since they are loaded only once. */
  const settled = new Set<string>();
  const patched = new WeakSet<object>();
  /** The first files of the app itself. */
  const own = new Set<string>();
  let searched = false;
  const { isModuleNamespaceObject } = getBuiltinModule('node:util').types;
  const untranslated = require.extensions['.js'];
  /** Whether something that was required has turned out to be translated. */
  let translated = false;
  const translates = (): boolean => translated || require.extensions['.js'] !== untranslated;

  /** @param path below `node_modules` */
  const patchOf = (path: string): Patch | undefined => {
    if (awaited.size > 0) announce(packageOf(path));
    return patches.size === 0 ? undefined : patches.get(withoutQuery(path));
  };

  const announce = (name: string): void => {
    const callbacks = awaited.get(name);
    if (callbacks === undefined) return;
    awaited.delete(name);
    for (const callback of callbacks) callback();
  };

  const apply = guard('route', (patch: Patch, url: string, exports: unknown): void => {
    if ((typeof exports !== 'object' && typeof exports !== 'function') || exports === null) return;
    if (patched.has(exports)) return;
    patched.add(exports);
    if (patch.apply(exports)) return;
    const name = `${patch.package} ${versionOf(patch.package, url)}`;
    log.once(
      `patch:${name}`,
      'warn',
      `${name} is unknown, known are ${patch.versions}: its requests are measured without a route; name it with route() of routemeter, or list the patterns in ROUTEMETER_ROUTES`,
    );
  });

  const noteOwn = (url: string): void => {
    if (url.startsWith('file:///') && !url.startsWith(OURS)) own.add(fileURLToPath(url));
  };

  const note = guard('route', (url: string, format: unknown, parent: string | undefined): void => {
    const importer = parent === undefined || found.size === 0 ? undefined : found.get(parent);
    if (importer !== undefined) importer.imports = true;
    const path = pathInPackages(url);
    if (path === undefined) {
      if (own.size < MOST_FILES) noteOwn(url);
      return;
    }
    const patch = patchOf(path);
    if (patch === undefined || settled.has(url) || !url.startsWith('file:')) return;
    const isModule = format === 'module';
    const known = found.get(url);
    if (known !== undefined) {
      known.isModule ||= isModule;
      return;
    }
    const file = fileURLToPath(url);
    const each = { patch, file, isModule, imports: false };
    found.set(url, each);
    if (patch.early !== true) return;
    if (isModule) lookAtModule(url, each);
    else apply(patch, url, attempt(require, file));
  });

  const resolutions = createResolutions(guard, note);
  let isNearby: ((name: string) => boolean) | undefined;

  const search = (): void => {
    searched = true;
    resolutions.hear();
    for (const file of Object.keys(require.cache)) {
      const path = pathInPackages(file.replaceAll('\\', '/'));
      if (path === undefined && own.size < MOST_FILES) noteOwn(pathToFileURL(file).href);
      const patch = path === undefined ? undefined : patchOf(path);
      if (patch === undefined) continue;
      found.set(pathToFileURL(file).href, { patch, file, isModule: false, imports: false });
    }
  };

  /**
   * By `require`, which gets it at once. Not if a loader such as tsx translates what is required, for that would be a copy;
   * nor if the URL has a query, which `require` cannot name. An ES module that is being loaded, or waits at its top level,
   * can be had only later.
   */
  const lookAtModule = (url: string, { patch, file }: Found): void => {
    found.delete(url);
    settled.add(url);
    const exports = withoutQuery(url) === url && !translates() ? attempt(require, file) : undefined;
    if (isModuleNamespaceObject(exports)) {
      apply(patch, url, exports);
      return;
    }
    translated ||= exports !== undefined;
    import(url).then(
      (exports) => apply(patch, url, exports),
      () => {}, // The app has got this error too.
    );
  };

  const look = guard('route', (): void => {
    if (!searched) search();
    for (const [url, each] of found) {
      if (each.isModule) {
        if (each.imports) lookAtModule(url, each);
        continue;
      }
      const loaded = require.cache[each.file];
      if (loaded?.loaded !== true) continue;
      found.delete(url);
      apply(each.patch, url, loaded.exports);
    }
  });

  const findAmongOwn = guard('route', () => {
    const { findBundled } = load<typeof import('./bundled-packages.ts')>('./guest/bundled-packages');
    const [, main] = process.argv;
    return findBundled(new Set(main === undefined ? own : [main, ...own]), new Set(patches.values()));
  });

  return {
    patch(patch) {
      if (patch.early === true) resolutions.hear();
      else resolutions.hearOfModules();
      for (const file of patch.files) patches.set(`${patch.package}/${file}`, patch);
    },
    onPackage(name, when, callback) {
      isNearby ??= createNearbyPackages();
      if (when === 'resolved' && isNearby(name)) resolutions.hear();
      else resolutions.hearOfModules();
      awaited.set(name, [...(awaited.get(name) ?? []), callback]);
    },
    look() {
      if (found.size > 0 || !searched) look();
    },
    async findBundled() {
      // What a package is recognised by is known once what waits for it is there.
      for (const name of [...awaited.keys()]) announce(name);
      return (await findAmongOwn()) ?? [];
    },
  };
}

const withoutQuery = (url: string): string => url.replace(/[?#].*/s, '');

/** Undefined if the file cannot be loaded now. */
function attempt(require: NodeJS.Require, file: string): unknown {
  try {
    return require(file);
  } catch {
    return undefined;
  }
}
