import { matcher } from '../views/pattern.ts';
import { pathOf } from './routes/request-path.ts';

/** The requests that `ROUTEMETER_IGNORE` or the app's code leaves out. */
export interface Ignore {
  /** @param incomingUrl as in the request line; only its path counts */
  path(incomingUrl: string): boolean;
  /** @param byCode whether the code of the request has called `ignore` */
  route(route: string | undefined, byCode: boolean | undefined): boolean;
}

const NOTHING: Ignore = { path: () => false, route: (_, byCode = false) => byCode };

/** @param patterns of routes or paths; each `*` stands for any text */
export function createIgnore(patterns: readonly string[]): Ignore {
  if (patterns.length === 0) return NOTHING;
  const matchers = patterns.map(matcher);
  const matches = (text: string): boolean => matchers.some((match) => match(text));
  return {
    path: (incomingUrl) => matches(pathOf(incomingUrl)),
    route: (route, byCode = false) => byCode || (route !== undefined && matches(route)),
  };
}
