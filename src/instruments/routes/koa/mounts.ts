import type { Guard } from '../../../guest/guard.ts';
import type { PatchModule } from '../../../guest/loaded-modules.ts';
import { joinPatterns } from '../declared-path.ts';

/** Where a context keeps what this file notes. */
const NOTES = Symbol('routemeter.koa.mounts');

interface Notes {
  mountPath: unknown;
  matchedRoute: unknown;
  /** In the order in which they were entered; those that were left are still there. */
  readonly mounts: { readonly prefix: string; readonly from: string }[];
  /** What was mounted around the router that has matched. */
  prefix: string;
}

interface Context {
  readonly path: string;
  readonly mountPath?: unknown;
  [NOTES]?: Notes;
}

/** The prefixes of `koa-mount`, for apps that use it. */
interface Mounts {
  install(guard: Guard, patch: PatchModule): void;
  /**
   * @returns empty if nothing is mounted around the router that has matched; undefined if it is not known, for a request
   *   that shows that `koa-mount` is bundled into the app
   */
  prefixOf(context: object): string | undefined;
}

/**
 * `koa-mount` takes its prefix off the path, puts it into `ctx.mountPath`, and forgets those of mounts around it. If an
 * app has loaded it, the prototype of its contexts gets accessors for that property and for `ctx._matchedRoute`: they keep
 * what is assigned, and note the mounts that the request is in when a router matches. A prefix is text that was
 * declared, for `koa-mount` knows no parameters.
 *
 * https://github.com/koajs/mount
 */
export function createMounts(): Mounts {
  let isUsed = false;
  let watch = (_prototype: object): void => {};
  const prototypes: object[] = [];
  const use = (): void => {
    if (!isUsed) prototypes.forEach(watch);
    isUsed = true;
  };

  return {
    install(guard, patch) {
      const enter = guard('route', (context: Context, notes: Notes, prefix: unknown) => {
        if (typeof prefix === 'string') notes.mounts.push({ prefix, from: context.path });
      });
      const match = guard('route', (context: Context, notes: Notes) => {
        notes.prefix = prefixAt(context.path, notes.mounts);
      });
      watch = (prototype) => {
        note(prototype, 'mountPath', 'mountPath', enter);
        note(prototype, '_matchedRoute', 'matchedRoute', match);
      };
      patch({
        package: 'koa',
        files: ['lib/context.js'],
        versions: '2 and 3',
        apply(exports) {
          const prototype = exports as object;
          if (!('onerror' in prototype) || 'mountPath' in prototype || '_matchedRoute' in prototype)
            return false;
          prototypes.push(prototype);
          if (isUsed) watch(prototype);
          return true;
        },
      });
      patch({
        package: 'koa-mount',
        files: ['index.js'],
        versions: '2 to 4',
        apply(exports) {
          if (typeof exports !== 'function' || !/\bctx\.mountPath = prefix\b/.test(`${exports}`))
            return false;
          use();
          return true;
        },
      });
    },
    prefixOf(context: Context) {
      const notes = context[NOTES];
      if (notes !== undefined) return notes.prefix;
      if (context.mountPath === undefined) return '';
      use();
      return undefined;
    },
  };
}

/** Keeps what is assigned to a property among the notes, and calls `noted` after it. */
function note(
  prototype: object,
  property: string,
  key: 'mountPath' | 'matchedRoute',
  noted: (context: Context, notes: Notes, value: unknown) => void,
): void {
  Object.defineProperty(prototype, property, {
    configurable: true,
    get(this: Context) {
      return this[NOTES]?.[key];
    },
    set(this: Context, value: unknown) {
      const notes = notesOf(this);
      notes[key] = value;
      noted(this, notes, value);
    },
  });
}

function notesOf(context: Context): Notes {
  const notes = Object.hasOwn(context, NOTES) ? context[NOTES] : undefined;
  if (notes !== undefined) return notes;
  const fresh: Notes = { mountPath: undefined, matchedRoute: undefined, mounts: [], prefix: '' };
  Object.defineProperty(context, NOTES, { value: fresh });
  return fresh;
}

/** A mount is left if what it gave on is not the path that was found inside. */
function prefixAt(path: string, mounts: Notes['mounts']): string {
  let inside = path;
  let prefix = '';
  for (const mount of mounts.toReversed()) {
    const rest = mount.from.slice(mount.prefix.length) || '/';
    if (rest !== inside) continue;
    prefix = joinPatterns(mount.prefix, prefix);
    inside = mount.from;
  }
  return prefix;
}
