import type { GaugeAggregation, GaugeRule } from '../config/types.ts';
import { matcher } from './pattern.ts';

/**
 * How a gauge aggregates over the processes of a group. In this order: the first rule that matches by a pattern other
 * than `*`; what is declared for the gauge; the rule `*`; the sum.
 *
 * @param declared by instrument name, where gauges are defined
 * @returns the aggregation by instrument name
 */
export function createGaugeAggregation(
  rules: readonly GaugeRule[],
  declared: ReadonlyMap<string, GaugeAggregation>,
): (name: string) => GaugeAggregation {
  const specific = rules
    .filter(({ instrument }) => instrument !== '*')
    .map(({ instrument, aggregation }) => ({ matches: matcher(instrument), aggregation }));
  const general = rules.find(({ instrument }) => instrument === '*')?.aggregation ?? 'sum';
  return (name) =>
    specific.find(({ matches }) => matches(name))?.aggregation ?? declared.get(name) ?? general;
}
