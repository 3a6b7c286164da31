import { joinPatterns } from '../declared-path.ts';
import { type Entry, isMiddleware, patternOf, type Router } from './trouter.ts';

interface Mount {
  readonly parent: object;
  readonly base: string;
}

/** By the sub-app itself in Polka 0.5, by the function by which it is mounted in 1. */
const mounts = new WeakMap<object, Mount[]>();
/** How many entries of a router have been looked at. */
const looked = new WeakMap<object, number>();

/** Notes what is mounted in a router that was asked; in Polka 0.5, where it has no route for the path. */
export function noteMounts(router: Router, path: string, hasNone: boolean): void {
  if (Array.isArray(router.routes)) {
    noteEntries(router, router.routes);
  } else if (hasNone && router.apps !== undefined) {
    const end = path.indexOf('/', 1);
    const base = end > 1 ? path.slice(0, end) : path;
    const app = Object.hasOwn(router.apps, base) ? router.apps[base] : undefined;
    if (app !== undefined) add(app, { parent: router, base });
  }
}

function noteEntries(router: Router, entries: readonly Entry[]): void {
  const from = looked.get(router) ?? 0;
  if (from === entries.length) return;
  looked.set(router, entries.length);
  for (const entry of entries.slice(from)) {
    if (!isMiddleware(entry)) continue;
    for (const handler of entry.handlers) {
      if (typeof handler === 'function') add(handler, { parent: router, base: patternOf(entry) });
    }
  }
}

function add(mounted: object, mount: Mount): void {
  const known = mounts.get(mounted);
  if (known === undefined) mounts.set(mounted, [mount]);
  else if (!known.some(({ parent, base }) => parent === mount.parent && base === mount.base))
    known.push(mount);
}

/**
 * The paths under which a router is mounted, joined. If it is mounted more than once, the incoming path decides.
 *
 * @param path what its router was asked for
 */
export function prefixOf(router: Router, path: string, incoming: string): string {
  const prefixes = prefixesOf(router);
  const [first = ''] = prefixes;
  return prefixes.find((prefix) => incoming === joinPatterns(prefix, path)) ?? first;
}

function prefixesOf(router: Router, depth = 0): readonly string[] {
  const own = [router, router.attach].flatMap((each) =>
    typeof each === 'object' || typeof each === 'function' ? (mounts.get(each as object) ?? []) : [],
  );
  if (own.length === 0 || depth > MOST) return [''];
  return own.flatMap(({ parent, base }) =>
    prefixesOf(parent as Router, depth + 1).map((prefix) => joinPatterns(prefix, base)),
  );
}

/** An app that is mounted in itself has no end. */
const MOST = 8;
