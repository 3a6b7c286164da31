import type { IncomingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';

/** A request for metrics, however it has come. */
export interface MetricsRequest {
  /** `GET`, `HEAD`; anything else is refused. */
  readonly method: string | undefined;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Writes the body, and ends the stream. */
  readonly send: (target: Writable) => Promise<void>;
  /** The body in place of that; null if there is none. */
  readonly stream: () => ReadableStream<Uint8Array> | null;
}

/** Answers requests for metrics. Never rejects. */
export type AnswerMetrics = (request: MetricsRequest) => Promise<Answer>;
