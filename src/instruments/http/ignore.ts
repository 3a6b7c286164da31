import { matcher } from '../../views/pattern.ts';

/** Which requests are left out, by `ROUTEMETER_IGNORE`. */
export interface Ignore {
  /** @param url as in the request line; its query does not count */
  path(url: string | undefined): boolean;
  route(route: string | undefined): boolean;
}

const NOTHING: Ignore = { path: () => false, route: () => false };

/** @param patterns routes or paths, each `*` standing for any text; none leaves nothing out */
export function createIgnore(patterns: readonly string[]): Ignore {
  if (patterns.length === 0) return NOTHING;
  const matchers = patterns.map(matcher);
  const matches = (text: string): boolean => matchers.some((match) => match(text));
  return {
    path: (url) => url !== undefined && matches(url.split('?', 1)[0] ?? url),
    route: (route) => route !== undefined && matches(route),
  };
}
