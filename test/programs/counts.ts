import { requestCounts, samples } from '../app-process.ts';
import { sentOf } from './client.ts';
import type { Answer, Program } from './program.ts';

type Counts = Readonly<Record<string, number>>;

/** The counts of a table, as `countsOf` has them. */
export function expectedCounts({ exchanges, alsoCounted = {} }: Program, answers: readonly Answer[]): Counts {
  const counts = exchanges.map(([sent, status, route, stream], i) => {
    const [method] = sentOf(sent, answers.slice(0, i)).send.split(' ');
    return [[method, route ?? '-', status, stream ?? []].flat().join(' '), 1] as const;
  });
  return sums([...counts, ...Object.entries(alsoCounted)]);
}

/** What was counted, by `METHOD route status`, and of streams by `METHOD route status kind`; `-` for what is absent. */
export function countsOf(metrics: string): Counts {
  const streams = Object.entries(samples(metrics, 'http_server_stream_duration_seconds_count'));
  return {
    ...requestCounts(metrics),
    ...sums(streams.map(([labels, count]) => [streamOf(labels), count])),
  };
}

function streamOf(labels: string): string {
  const names = ['http_request_method', 'http_route', 'http_response_status_code', 'http_stream_kind'];
  return names.map((name) => labels.match(new RegExp(`(?:^|,)${name}="([^"]*)"`))?.[1] ?? '-').join(' ');
}

export const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

export const withoutRoutes = (counts: Counts): Counts =>
  sums(Object.entries(counts).map(([key, count]) => [key.replace(/ .* (?=\d{3})/, ' '), count]));

function sums(entries: readonly (readonly [string, number])[]): Counts {
  const counts: Record<string, number> = {};
  for (const [key, count] of entries) counts[key] = (counts[key] ?? 0) + count;
  return counts;
}
