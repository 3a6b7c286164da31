/** Requests by route: those that were sent, and those that a process has in its own metrics. */

export type RouteCounts = Readonly<Record<string, number>>;

export function total(counts: RouteCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/**
 * @param sent requests by path
 * @param routeOf the pattern that the app declares for each of these paths
 * @throws Error if a path has no pattern
 */
export function byRoute(sent: RouteCounts, routeOf: Readonly<Record<string, string>>): RouteCounts {
  const counts: Record<string, number> = {};
  for (const [path, count] of Object.entries(sent)) {
    const route = routeOf[path];
    if (route === undefined) throw new Error(`the benchmark does not say which route ${path} has`);
    counts[route] = (counts[route] ?? 0) + count;
  }
  return counts;
}

/** How many requests were counted for the route that they have: at the most as many as were sent there. */
export function countedRight(sent: RouteCounts, counted: RouteCounts): number {
  return Object.entries(sent).reduce((sum, [route, count]) => sum + Math.min(count, counted[route] ?? 0), 0);
}

/** The labels that no request was sent to, and those that are missing: what is wrong, in one line. */
export function difference(sent: RouteCounts, counted: RouteCounts): string {
  const list = (counts: RouteCounts): string =>
    Object.entries(counts)
      .map(([route, count]) => `${route || '(no route)'} ${count}`)
      .join(', ');
  return `sent ${list(sent)}; counted ${list(counted) || 'nothing'}`;
}

/**
 * The counts of a histogram in Prometheus' text format, by one of its labels; series without it are under ''.
 *
 * @param metric the name of the samples, one count each
 */
export function parseCounts(text: string, metric: string, label: string): RouteCounts {
  const counts: Record<string, number> = {};
  const value = new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`);
  for (const [, labels = '', count] of text.matchAll(new RegExp(`^${metric}(\\{.*\\})? (\\S+)$`, 'gm'))) {
    const route = value.exec(labels)?.[1] ?? '';
    counts[route] = (counts[route] ?? 0) + Number(count);
  }
  return counts;
}
