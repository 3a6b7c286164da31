import type { Guard } from '../../guest/guard.ts';
import { onListen } from '../../guest/listening.ts';
import type { PatchModule } from '../../guest/loaded-modules.ts';
import type { RouteSource } from './route-source.ts';

/**
 * When a source is loaded: with the first file of one of these packages, or if it only reads what a framework leaves, so
 * that a bundled one will do, with the first server.
 */
export type When = 'listening' | readonly string[];

/** A source that costs an app next to nothing that does not use its framework. It must have no `start`. */
export function lazySource(name: string, when: When, load: () => RouteSource): RouteSource {
  let source: RouteSource | undefined;
  let use = (): void => {};

  return {
    name,
    install(guard: Guard, patch: PatchModule, onPackage) {
      use = guard('route', () => {
        if (source !== undefined) return;
        source = load();
        source.install?.(guard, patch, onPackage);
      });
      if (when === 'listening') onListen(guard, use);
      else for (const each of when) onPackage(each, use);
    },
    knows(server) {
      if (when === 'listening') use();
      return source?.knows?.(server) === true;
    },
    route(request, response, incomingUrl) {
      // A server that is given its connections may answer before it is known.
      if (source === undefined && when === 'listening') use();
      return source?.route(request, response, incomingUrl);
    },
  };
}
