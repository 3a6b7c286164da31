import findMyWay from 'find-my-way';
import { describe } from '../../guard.ts';

/** Finds the declared pattern of a path, query allowed; undefined where none fits or the URL is malformed. */
export type FindPattern = (url: string) => string | undefined;

/** Longer than any URL that Node accepts by default. */
const MAX_PARAMETER_LENGTH = 1 << 20;

/** @param refuse is told of every pattern that the library does not accept. */
export function createManualRouter(
  patterns: readonly string[],
  refuse: (pattern: string, reason: string) => void,
): FindPattern {
  const router = findMyWay({ maxParamLength: MAX_PARAMETER_LENGTH });
  const unused = (): void => {};
  for (const pattern of patterns) {
    try {
      router.on('GET', pattern, unused, pattern);
    } catch (error) {
      refuse(pattern, describe(error));
    }
  }
  return (url) => {
    const store: unknown = router.find('GET', url)?.store;
    return typeof store === 'string' ? store : undefined;
  };
}
