import { importedSlot } from './slot.ts';

/**
 * For the compiler: the keys that the app declares with `ROUTEMETER_TAGS`, and their values. While it is empty, every
 * string is a key.
 *
 * @example
 * declare module 'routemeter' {
 *   interface Tags { plan: 'free' | 'pro' }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: an app adds to it
export interface Tags {}

type TagKey = keyof Tags extends never ? string : keyof Tags;
type TagValue<Key> = Key extends keyof Tags ? Tags[Key] : string;

const shared = importedSlot();

/**
 * Counts something, by the route of the request that is being handled: `count('user.signup')` is
 * `user_signup_total{http_route="/signup"}` in Prometheus. Outside of a request it is counted without a route.
 * Recorded when the request is over. Never throws; without the preload it does nothing.
 *
 * @param name of letters, digits, `_`, `.`, `-` and `/`, the first one a letter; one name is one metric
 * @param value how many, 1 by default; never negative
 */
export function count(name: string, value?: number): void;
export function count(name: string, value = 1, attributes?: unknown): void {
  shared.recorder?.count(name, value, attributes);
}

/**
 * Observes a value, for a histogram by the route of the request that is being handled:
 * `observe('cart.size', 3, { unit: '{item}' })`. Recorded as {@link count} is.
 *
 * @param value in the unit, never negative
 * @param options `unit` in UCUM: `s`, `By`, `{item}`; later calls may leave it out, but not change it
 */
export function observe(name: string, value: number, options?: { readonly unit?: string }): void {
  shared.recorder?.observe(name, value, options);
}

/**
 * Labels the request that is being handled: its own metrics, and all that is counted and timed in it, before and
 * after. The key must be declared, with its values, in `ROUTEMETER_TAGS`; another value becomes `_OTHER`. The last
 * call for a key wins. Outside of a request it does nothing.
 */
export function tag<Key extends TagKey>(key: Key, value: TagValue<Key>): void {
  shared.recorder?.tag(key, value as string);
}

/**
 * Names the route of the request that is being handled, for its own metrics and all that is counted and timed in it,
 * before and after: `route('/users/[id]')` is `http_route="/users/[id]"` in Prometheus. For a framework that tells its
 * route only to the app's code; it takes precedence over the route that a framework is known to have. The last call
 * wins. Outside of a request, and once the request is over, it does nothing.
 *
 * @param pattern as the app has declared it, never the requested path: 1 to 255 characters on one line, and 500
 * patterns in the life of the process, after which new ones count as `_OTHER`. Null or undefined: the request has no
 * route, as for a 404.
 */
export function route(pattern: string | null | undefined): void {
  shared.recorder?.route?.(pattern);
}

/**
 * Leaves the request that is being handled out of its own metrics, as `ROUTEMETER_IGNORE` does by route: for what only
 * the code can tell, such as a health check on an ordinary path. What is counted and timed in the request is recorded
 * without a route. Outside of a request, and once the request is over, it does nothing.
 */
export function ignore(): void {
  shared.recorder?.ignore?.();
}
