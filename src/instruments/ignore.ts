import { matcher } from '../views/pattern.ts';
import { pathOf } from './routes/request-path.ts';

/** Which requests are left out, by `ROUTEMETER_IGNORE`. */
export interface Ignore {
  /** @param incomingUrl as in the request line; only its path counts */
  path(incomingUrl: string): boolean;
  route(route: string | undefined): boolean;
}

const NOTHING: Ignore = { path: () => false, route: () => false };

/** @param patterns routes or paths, each `*` standing for any text; none leaves nothing out */
export function createIgnore(patterns: readonly string[]): Ignore {
  if (patterns.length === 0) return NOTHING;
  const matchers = patterns.map(matcher);
  const matches = (text: string): boolean => matchers.some((match) => match(text));
  return {
    path: (incomingUrl) => matches(pathOf(incomingUrl)),
    route: (route) => route !== undefined && matches(route),
  };
}
