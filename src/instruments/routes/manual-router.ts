import findMyWay from 'find-my-way';

/** Finds the declared pattern of a path; undefined where none fits or the path is malformed. */
export type FindPattern = (path: string) => string | undefined;

/** Longer than any URL that Node accepts by default. */
const MAX_PARAMETER_LENGTH = 1 << 20;

/** @param patterns as the configuration has checked them: the library throws on others */
export function createManualRouter(patterns: readonly string[]): FindPattern {
  const router = findMyWay({ maxParamLength: MAX_PARAMETER_LENGTH });
  for (const pattern of patterns) router.on('GET', pattern, () => {}, pattern);
  return (path) => {
    const store: unknown = router.find('GET', path)?.store;
    return typeof store === 'string' ? store : undefined;
  };
}
