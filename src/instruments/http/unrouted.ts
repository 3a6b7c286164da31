import type { Log } from '../../guest/log.ts';

/** As many requests as show that it is no exception. */
const MANY = 1000;

/**
 * Says once that most requests have no route, when that many have had none. Those that the client did wrong do not count:
 * 404s and 401s of middleware have no route in any app.
 *
 * @returns to be told of each request
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
        `${unrouted} requests had no route and ${routed} had one: if the app does its own routing, list its patterns, as in ROUTEMETER_ROUTES=/users/:id,/files/* (see docs/http-metrics.md)`,
      );
    }
  };
}
