import type { Log } from '../../guest/log.ts';

/** So many requests without any route call for a look whether a framework is out of reach. */
const FEW = 10;
/** So many requests without a route are no exception. */
const MANY = 1000;

const REMEDIES =
  'list the patterns, as in ROUTEMETER_ROUTES=/users/:id,/files/*, or name them by route() of routemeter (see docs/frameworks.md)';

/**
 * Logs once that most requests have no route, and why, if that is known. Errors of the client do not count: a 404, or a
 * 401 by middleware, has no route in any app.
 *
 * @param findBundled the frameworks that are bundled into the app and therefore not patched; called once, if no request
 *   has had a route
 * @returns a function to be called with each request
 */
export function createUnroutedNotice(
  log: Log,
  findBundled: () => Promise<readonly string[]>,
): (route: string | undefined, status: number | undefined) => void {
  let routed = 0;
  let unrouted = 0;
  let told = false;

  const explain = async (): Promise<void> => {
    const names = await findBundled();
    if (names.length === 0 || routed > 0 || told) return;
    told = true;
    const which = names.join(' and ');
    const [seem, them] = names.length === 1 ? ['seems', 'it'] : ['seem', 'them'];
    log.warn(
      `no request has had a route, and ${which} ${seem} to be bundled into the app, where no patch reaches ${them}: leave ${which} out of the bundle, ${REMEDIES}`,
    );
  };

  return (route, status) => {
    if (told || status === undefined || (status >= 400 && status < 500)) return;
    if (route !== undefined) {
      routed++;
      return;
    }
    unrouted++;
    if (unrouted === FEW && routed === 0) void explain();
    if (unrouted < MANY || unrouted <= routed) return;
    told = true;
    log.info(
      `${unrouted} requests had no route and ${routed} had one: if the app does its own routing, ${REMEDIES}`,
    );
  };
}
