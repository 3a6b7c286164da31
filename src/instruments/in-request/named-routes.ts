import type { Log } from '../../guest/log.ts';
import { printed, quoted } from '../../guest/text.ts';
import { OTHER } from '../../metric-data/other.ts';
import type { RequestContext } from './context.ts';

/** Patterns in the life of the process: the paths of all users must not become a series each. */
const MOST_PATTERNS = 500;

/** One line that UTF-8 can express. */
const PATTERN = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]{1,255}$/u;

/** The routes that the app's code names by `route`. */
export function createNamedRoutes(log: Log) {
  const patterns = new Set<unknown>();

  const admit = (pattern: unknown): string | undefined => {
    if (typeof pattern !== 'string' || !PATTERN.test(pattern)) {
      log.once(
        'in-request.route',
        'warn',
        `${printed(pattern)} names no route: route() takes a pattern of 1 to 255 characters on one line, such as /users/[id], or null for no route`,
      );
      return undefined;
    }
    if (patterns.size < MOST_PATTERNS) {
      patterns.add(pattern);
      return pattern;
    }
    log.once(
      'in-request.routes',
      'warn',
      `the app has named ${MOST_PATTERNS} routes: ${quoted(pattern)} and any further ones count as ${OTHER}; route() takes the pattern, such as /users/[id], not the path of the request`,
    );
    return OTHER;
  };

  return {
    /** Logs once if the pattern is invalid, and changes nothing; and once if there are too many: it is then `_OTHER`. */
    set(context: RequestContext, pattern: string | null | undefined): void {
      if (pattern === undefined || pattern === null) context.named = null;
      else context.named = patterns.has(pattern) ? pattern : (admit(pattern) ?? context.named);
    },
  };
}

export type NamedRoutes = ReturnType<typeof createNamedRoutes>;
