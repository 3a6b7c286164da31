import type { Log } from '../../guest/log.ts';

/** So many requests without a route are no exception. */
const MANY = 1000;

/**
 * Logs once that most requests have no route. Errors of the client do not count: a 404, or a 401 by middleware, has no
 * route in any app.
 *
 * @returns a function to be called with each request
 */
export function createUnroutedNotice(
  log: Log,
): (route: string | undefined, status: number | undefined) => void {
  let routed = 0;
  let unrouted = 0;
  let told = false;
  return (route, status) => {
    if (told || status === undefined || (status >= 400 && status < 500)) return;
    if (route !== undefined) routed++;
    else if (++unrouted >= MANY && unrouted > routed) {
      told = true;
      log.info(
        `${unrouted} requests had no route and ${routed} had one: if the app does its own routing, list its patterns, as in ROUTEMETER_ROUTES=/users/:id,/files/*, or give them to route() (see docs/http-metrics.md)`,
      );
    }
  };
}
