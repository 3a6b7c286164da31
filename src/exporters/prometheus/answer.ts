import type { Writable } from 'node:stream';
import type { Answer, MetricsRequest } from '../../api/metrics-slot.ts';
import { inTime } from '../../guest/deadline.ts';
import type { Log } from '../../guest/log.ts';
import { describe } from '../../guest/text.ts';
import { answerWith, bare, plain } from './answers.ts';
import type { Served } from './collect.ts';
import { createExposition, type Exposition, type ExpositionOptions, type Wanted } from './exposition.ts';
import type { Format } from './formats/format.ts';
import { FORMATS } from './formats/index.ts';
import { contentType, negotiate, writableEscaping } from './negotiation/negotiate.ts';
import { acceptsGzip, writeChunks } from './response.ts';
import { readScrape } from './scrape-request.ts';

export interface AnswerOptions {
  /** Rejects if there is nothing to serve, or not in time. */
  readonly collect: (wanted: Wanted) => Promise<Exposition>;
  readonly formats: readonly [Format, ...Format[]];
  readonly log: Pick<Log, 'once'>;
}

export interface AnsweringOptions extends ExpositionOptions {
  /** Rejects if there is nothing to serve, or not in time. */
  readonly collect: () => Promise<Served>;
}

/** Answers requests for what is collected, in all formats. */
export function createAnswering({
  collect,
  ...options
}: AnsweringOptions): (request: MetricsRequest) => Promise<Answer> {
  const expose = createExposition(options);
  const answering: AnswerOptions = {
    collect: async (wanted) => expose(await collect(), wanted),
    formats: FORMATS,
    log: options.log,
  };
  return (request) => answerMetrics(request, answering);
}

/** Answers a request for metrics. Never rejects. */
export async function answerMetrics(
  { method, query, headers }: MetricsRequest,
  { collect, formats, log }: AnswerOptions,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Method not allowed.', { allow: 'GET, HEAD' });
  const negotiated = negotiate(headers.accept, formats);
  const gzip = acceptsGzip(headers['accept-encoding']);
  const written = {
    'content-type': contentType(negotiated),
    vary: 'accept, accept-encoding',
    ...(gzip && { 'content-encoding': 'gzip' }),
  };
  if (method === 'HEAD') return bare(200, written);
  const { names, timeoutMillis } = readScrape(query, headers);
  try {
    const collected = collect({ names, escaping: writableEscaping(negotiated) });
    if (timeoutMillis !== undefined && !(await inTime(collected, timeoutMillis))) {
      return plain(503, 'No metrics: they were not collected within the time-out of the scrape.');
    }
    const exposition = await collected;
    const send = (target: Writable) => writeChunks(target, negotiated.format.write(exposition, log), gzip);
    return answerWith(200, written, send);
  } catch (error) {
    return plain(500, `No metrics: ${describe(error).replace(/\s+/g, ' ')}`);
  }
}
