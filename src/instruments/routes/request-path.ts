/** The scheme and authority of a target in absolute form; Node.js accepts a scheme in any case. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * The path of a request's target as it came in, without its query: `/a` of `/a?b`, and of `http://host/a?b`, the form
 * that clients send to a proxy and every server must accept. `//host/a` is a path that starts with two slashes; the `*`
 * of `OPTIONS *` stays as it is.
 * https://www.rfc-editor.org/rfc/rfc9112#name-request-target
 */
export function pathOf(target: string): string {
  const local = target.startsWith('/') ? target : target.replace(ORIGIN, '');
  const end = local.search(/[?#]/);
  const path = end < 0 ? local : local.slice(0, end);
  return path === '' ? '/' : path;
}
