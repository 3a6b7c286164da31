import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Answer, MetricsRequest } from '../../api/metrics-slot.ts';
import { getBuiltinModule } from '../../guest/builtin.ts';
import { describe } from '../../guest/text.ts';
import { answerWith, bare, plain } from './answers.ts';

/** What a client asks for, and what the answer depends on. */
const ASKED = ['accept', 'accept-encoding', 'x-prometheus-scrape-timeout-seconds'] as const;
const ANSWERED = ['content-type', 'content-encoding', 'vary', 'allow'] as const;
/** On each request that a process forwards, so that none is forwarded twice. */
const MARK = 'x-routemeter-forwarded';

/** A little more than a collection may take. */
const TIMEOUT_MILLIS = 11_000;

/** Whether another process has forwarded the request. */
export function isForwarded({ headers }: MetricsRequest): boolean {
  return headers[MARK] !== undefined;
}

/**
 * Has the process that serves an endpoint answer a request. Never rejects.
 *
 * @param endpoint its URL
 * @param agent has no connections of its own; the app's tracing and our metrics leave out what goes through it
 */
export async function forward(endpoint: string, request: MetricsRequest, agent: Agent): Promise<Answer> {
  const query = request.query.toString();
  const headers = { ...only(request.headers, ASKED), [MARK]: '1' };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      context.with(suppressTracing(context.active()), () => {
        const asked = getBuiltinModule('node:http').request(
          query === '' ? endpoint : `${endpoint}?${query}`,
          { method: request.method ?? 'GET', headers, timeout: TIMEOUT_MILLIS, agent },
        );
        asked.on('response', resolve).on('error', reject);
        asked.on('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MILLIS} ms`)));
        asked.end();
      });
    });
    const status = response.statusCode ?? 500;
    const answered = only(response.headers, ANSWERED);
    if (request.method === 'HEAD') return bare(status, answered);
    return answerWith(status, answered, (target) => pipeline(response, target));
  } catch (error) {
    return plain(503, `No metrics: the process that serves them cannot be reached: ${describe(error)}`);
  }
}

function only(headers: IncomingHttpHeaders, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    }),
  );
}
