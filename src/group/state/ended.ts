import { ends, type State, type StateMetric } from './state.ts';

/** @param time when it changed last, in seconds since 1970 */
export type HasEnded = (time: number, identity: string, key: string) => boolean;

/** A state without the series that have ended. */
export function withoutEnded(state: State, hasEnded: HasEnded): State {
  const { values } = state;
  const metrics = state.metrics.map((metric): StateMetric => {
    const { definition, identity, series, rests } = metric;
    if (!ends(definition.kind)) return metric;
    const left = series.map(({ key, offset }) => !hasEnded(values[offset] ?? 0, identity, key));
    if (!left.includes(false)) return metric;
    return {
      ...metric,
      series: series.filter((_, i) => left[i]),
      ...(rests && { rests: rests.filter((_, i) => left[i]) }),
    };
  });
  return { metrics, values };
}

/** When each series changed last in any of the states; undefined if none has it. */
export function lastChanges(states: readonly State[]): (identity: string, key: string) => number | undefined {
  const all = new Map<string, Map<string, number>>();
  for (const { metrics, values } of states) {
    for (const { definition, identity, series } of metrics) {
      const times = all.get(identity) ?? new Map<string, number>();
      all.set(identity, times);
      for (const { key, offset } of series) {
        const time = ends(definition.kind) ? (values[offset] ?? 0) : Number.POSITIVE_INFINITY;
        times.set(key, Math.max(times.get(key) ?? 0, time));
      }
    }
  }
  return (identity, key) => all.get(identity)?.get(key);
}
