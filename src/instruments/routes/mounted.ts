/** Patterns of apps that are mounted in a route of another app, which matches everything below. */

const WILDCARD = /\/?\*+(:\w+)?$/;

/**
 * The pattern of the place where an app is mounted.
 *
 * @param pattern of the route in which the app is called; ends with a wildcard if the app is mounted: `/users/:id/*`
 * @param path what that route matched, without a query
 * @param rest the path as the mounted app sees it: without the place where it is mounted, or all of it
 * @returns undefined if the app is not mounted there
 */
export function mountPattern(pattern: string, path: string, rest: string): string | undefined {
  if (!WILDCARD.test(pattern)) return undefined;
  const text = mountText(path, rest);
  if (text === '') return '';
  const prefix = pattern.replace(WILDCARD, '');
  return text?.split('/').length === prefix.split('/').length ? prefix : undefined;
}

/** The part of the path that the mounted app does not see. */
export function mountText(path: string, rest: string): string | undefined {
  if (rest === path) return '';
  const end = rest === '/' && !path.endsWith('/') ? '' : rest;
  return path.endsWith(end) ? path.slice(0, path.length - end.length) : undefined;
}
