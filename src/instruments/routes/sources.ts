import type { Guard } from '../../guest/guard.ts';
import type { OnPackage, PatchModule } from '../../guest/loaded-modules.ts';
import type { RouteSource } from './route-source.ts';

/**
 * When a source is loaded: before the app is; when one of these packages is seen, with its first file that is resolved, or
 * at the latest when it has been loaded; or once this is true when a server has its first request, which also finds a
 * framework in a bundle.
 */
export type When =
  | 'preload'
  | { readonly resolved?: readonly string[]; readonly loaded?: readonly string[] }
  | (() => boolean);

/** A source, and the frameworks that it knows. */
export interface SourceRow {
  readonly frameworks: readonly string[];
  readonly when: When;
  readonly load: () => RouteSource;
}

/** The sources of a process. Those of frameworks that it does not use are neither loaded nor asked. */
export interface Sources {
  /** Those that are asked for the route of a request, in the order of their rows. */
  readonly asked: readonly RouteSource[];
  /** Must be called once, before the app is loaded. */
  install(guard: Guard, patch: PatchModule, onPackage: OnPackage): void;
  /** Loads what is wanted by now. */
  look(): void;
}

export function createSources(rows: readonly SourceRow[]): Sources {
  const found = new Map<SourceRow, RouteSource>();
  const waiting = new Map<() => boolean, () => void>();

  const installRow = (row: SourceRow, guard: Guard, patch: PatchModule, onPackage: OnPackage): void => {
    let isLoaded = false;
    const use = guard('route', (): void => {
      if (isLoaded) return;
      isLoaded = true;
      const source = row.load();
      const ask = (): void => {
        found.set(row, source);
        sources.asked = rows.flatMap((each) => found.get(each) ?? []);
      };
      source.install?.(guard, patch, onPackage, ask);
      if (source.knows !== undefined) ask();
    });
    if (row.when === 'preload') use();
    else if (typeof row.when === 'function') waiting.set(row.when, use);
    else
      for (const when of ['resolved', 'loaded'] as const)
        for (const name of row.when[when] ?? []) onPackage(name, when, use);
  };

  const sources = {
    asked: [] as readonly RouteSource[],
    install(guard: Guard, patch: PatchModule, onPackage: OnPackage): void {
      for (const row of rows) installRow(row, guard, patch, onPackage);
    },
    look(): void {
      for (const [isWanted, use] of waiting) {
        if (!isWanted()) continue;
        waiting.delete(isWanted);
        use();
      }
    },
  };
  return sources;
}
