import { sentOf } from './client.ts';
import type { Answer, Exchange } from './program.ts';

type Counts = Readonly<Record<string, number>>;

/** The counts of a table, by `METHOD route status` as `requestCounts` has them. */
export function expectedCounts(exchanges: readonly Exchange[], answers: readonly Answer[]): Counts {
  return sums(
    exchanges.map(([sent, status, route], i) => {
      const [method] = sentOf(sent, answers.slice(0, i)).send.split(' ');
      return [`${method} ${route ?? '-'} ${status}`, 1];
    }),
  );
}

export const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

export const withoutRoutes = (counts: Counts): Counts =>
  sums(Object.entries(counts).map(([key, count]) => [key.replace(/ .* /, ' '), count]));

function sums(entries: readonly (readonly [string, number])[]): Counts {
  const counts: Record<string, number> = {};
  for (const [key, count] of entries) counts[key] = (counts[key] ?? 0) + count;
  return counts;
}
