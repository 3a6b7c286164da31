/** The true percentiles of the workload, and how far others are from them. */
import { createSocket } from 'node:dgram';

export const PERCENTILES = [50, 95, 99] as const;
export type Percentile = (typeof PERCENTILES)[number];

/**
 * How far a percentile is from the true one, as a share of it. Programs define percentiles in different ways, which
 * lead to neighbours in the order of the values: it is the nearest of the three at its rank that counts.
 *
 * @param found in the unit of the values
 */
export function percentileError(values: readonly number[], percentile: Percentile, found: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (percentile / 100) * sorted.length;
  const ranks = [Math.floor(rank), Math.ceil(rank), Math.ceil(rank) + 1];
  return Math.min(
    ...ranks.map((each) => {
      const value = sorted[Math.min(Math.max(each, 1), sorted.length) - 1] ?? Number.NaN;
      return Math.abs(found / value - 1);
    }),
  );
}

/**
 * Percentiles are of one interval of the server's, so all samples must come within one: sends a counter of its own
 * until `seen`, when an interval has just begun.
 */
export async function intervalBegun(
  { host = '127.0.0.1', port }: { host?: string; port: number },
  seen: () => Promise<unknown>,
): Promise<void> {
  const socket = createSocket('udp4');
  socket.send('interval:1|c', port, host);
  await seen();
  socket.close();
}
