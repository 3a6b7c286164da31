import type { Guard } from '../../../guest/guard.ts';
import { isRecord } from '../../../guest/shape.ts';
import type { RouteSource } from '../route-source.ts';
import { routeOf } from './steps.ts';
import { type Router, steppingFind, stepsOfWeb } from './web.ts';

/** The routers that are patched. */
const routers = new WeakSet<object>();
/** Whether the process has an app of Nitro. */
let seen = false;
let guard: Guard = (_place, callback) => callback;

/**
 * Nitro 3 in production, which is h3 2 in a bundle of its own. Its apps are in a global variable before their server
 * listens, and their routes are found by a method that each router has for itself.
 *
 * https://nitro.build/docs/routing
 */
export const nitroRoutes: RouteSource = {
  install(installed) {
    guard = installed;
  },
  knows() {
    attachAll();
    return seen;
  },
  serve: attachAll,
  route: routeOf,
};

function attachAll(): void {
  const apps: unknown = Reflect.get(globalThis, '__nitro__');
  if (!isRecord(apps)) return;
  for (const app of Object.values(apps)) {
    const router = isRecord(app) && isRecord(app.h3) ? (app.h3 as Partial<Router>) : undefined;
    const find = router?.['~findRoute'];
    if (router === undefined || typeof find !== 'function' || routers.has(router)) continue;
    routers.add(router);
    router['~findRoute'] = steppingFind(find, stepsOfWeb(guard));
    seen = true;
  }
}
