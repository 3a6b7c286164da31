/** The path that Express matches against: `req.url` without its query, and without the origin of the absolute form. */
export function routedPathOf(url: string): string {
  const end = url.indexOf('?');
  const path = end === -1 ? url : url.slice(0, end);
  return path.startsWith('/') ? path : path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '');
}

/**
 * The length of the mounts that `path` contains twice, because an app has put the whole incoming path back into
 * `req.url` below them.
 *
 * @param path `req.baseUrl` and the path in `req.url`
 */
export function prefixTwice(path: string, incoming: string): number {
  const length = path.length - incoming.length;
  return length > 0 && path.endsWith(incoming) && incoming.startsWith(path.slice(0, length)) ? length : 0;
}
