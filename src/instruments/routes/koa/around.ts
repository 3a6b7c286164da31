import type { IncomingMessage, Server } from 'node:http';
import { load } from '../../../guest/load.ts';
import { joinPatterns } from '../declared-path.ts';
import type { Layer } from '../express/layer.ts';
import { mountText } from '../mounted.ts';
import { pathOf } from '../request-path.ts';

type Inside = IncomingMessage & { readonly originalUrl?: unknown };

/** A layer of Express, or of Connect, where `route` is the text of a mount. */
type AnyLayer = Omit<Layer, 'route'> & { readonly route?: unknown };

interface Around {
  readonly stack?: readonly AnyLayer[];
  /** Of Express 5. */
  readonly router?: Around;
  /** Of Express 4. */
  readonly _router?: Around;
}

/**
 * The pattern under which Koa is mounted in an app of Express or Connect, which take it off the URL. Only what their own
 * routers lead to is found: behind a sub-app of Express it is not.
 *
 * @returns empty if there is no such app, or no such mount is found
 */
export function patternAround(request: Inside): string {
  const { originalUrl, url = '' } = request;
  if (typeof originalUrl !== 'string' || originalUrl === url) return '';
  const base = mountText(pathOf(originalUrl), pathOf(url)) ?? '';
  const { server } = request.socket as { server?: Server };
  const [app] = (server?.listeners('request') ?? []) as Around[];
  return base === '' || app === undefined ? '' : (find(stackOf(app), base) ?? '');
}

function stackOf(app: Around): readonly AnyLayer[] {
  return app.stack ?? (app._router ?? app.router)?.stack ?? [];
}

function find(layers: readonly AnyLayer[], base: string): string | undefined {
  for (const layer of layers) {
    const taken = take(layer, base);
    if (taken === undefined) continue;
    if (taken.length === base.length) return taken.pattern;
    const { handle } = layer;
    const inside =
      typeof handle === 'function'
        ? find((handle as Around).stack ?? [], base.slice(taken.length))
        : undefined;
    if (inside !== undefined) return joinPatterns(taken.pattern, inside);
  }
  return undefined;
}

function take(
  layer: AnyLayer,
  base: string,
): { readonly pattern: string; readonly length: number } | undefined {
  const { route } = layer;
  if (typeof route === 'string') {
    const isMount = base.toLowerCase().startsWith(route.toLowerCase());
    return isMount ? { pattern: route, length: route.length } : undefined;
  }
  if (route !== undefined) return undefined;
  const { mountPatternOf } = load<typeof import('../express/mount-pattern.ts')>(
    './instruments/routes/express/mount-pattern',
  );
  return mountPatternOf(layer as Layer).take(base);
}
