import findMyWay from 'find-my-way';

/** Finds the declared pattern of a path; undefined if none matches or the path is malformed. */
export type FindPattern = (path: string) => string | undefined;

/** In characters: more than the longest URL that Node.js accepts by default. */
const MAX_PARAMETER_LENGTH = 1 << 20;

/** @param patterns checked by the configuration; the library throws at malformed ones */
export function createManualRouter(patterns: readonly string[]): FindPattern {
  const router = findMyWay({ maxParamLength: MAX_PARAMETER_LENGTH });
  for (const pattern of patterns) router.on('GET', pattern, () => {}, pattern);
  return (path) => {
    const store: unknown = router.find('GET', path)?.store;
    return typeof store === 'string' ? store : undefined;
  };
}
