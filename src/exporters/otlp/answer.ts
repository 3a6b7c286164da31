/** What a backend may answer to OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response */

import { decodePartialSuccess, decodeStatusMessage, type PartialSuccess } from './protobuf-answer.ts';

/** One complete answer. */
export interface Answer {
  readonly status: number;
  /** The reason phrase, which not every server sends. */
  readonly statusText: string;
  readonly contentType: string | undefined;
  readonly location: string | undefined;
  readonly retryAfter: string | undefined;
  /** The `Date` header: when the server answered, by its own clock. */
  readonly date: string | undefined;
  /** Only the beginning of a long body. */
  readonly body: Buffer;
}

/** What an answer with status 200 to 299 is. */
export type Acceptance =
  | { readonly otlp: true; readonly partial: PartialSuccess | undefined }
  /** Something other than a backend answered: a login page, a proxy. */
  | { readonly otlp: false };

/**
 * Reads an empty body as the empty message, in JSON too, since not every backend writes `{}`. Unknown fields are
 * ignored, as OTLP requires, unless they report an error.
 */
export function acceptance({ contentType, body }: Pick<Answer, 'contentType' | 'body'>): Acceptance {
  if (body.length === 0) return ACCEPTED;
  const form = formOf(contentType, body);
  const partial =
    form === 'json' ? jsonPartial(body) : form === 'protobuf' ? decodePartialSuccess(body) : undefined;
  if (partial === undefined) return { otlp: false };
  const { rejectedDataPoints, errorMessage } = partial;
  return rejectedDataPoints > 0 || errorMessage !== '' ? { otlp: true, partial } : ACCEPTED;
}

/** Bytes of a page that are searched for text. */
const MOST_TEXT = 20_000;

const ACCEPTED: Acceptance = { otlp: true, partial: undefined };

/** The text of an answer as it came, empty if there is none. */
export function ownWords({ contentType, body }: Pick<Answer, 'contentType' | 'body'>): string {
  const form = formOf(contentType, body);
  const message =
    form === 'protobuf'
      ? decodeStatusMessage(body)
      : form === 'json'
        ? messageOf(parsed(body.toString()))
        : undefined;
  if (message !== undefined) return message;
  const text = body.subarray(0, MOST_TEXT).toString();
  if (form === 'html') return textOfHtml(text);
  // A body that is declared protobuf may be text; binary data is not shown.
  return form === 'protobuf' && /[^\P{C}\s]|\ufffd/u.test(text) ? '' : text;
}

/** The form of a body, by its content type; without one, by how the body begins. */
function formOf(contentType: string | undefined, body: Buffer): 'protobuf' | 'json' | 'html' | 'text' {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type.endsWith('protobuf')) return 'protobuf';
  if (type.endsWith('json')) return 'json';
  const start = body.subarray(0, 100).toString().trimStart();
  if (type.endsWith('html') || /^<(!doctype|html)/i.test(start)) return 'html';
  if (start.startsWith('{')) return 'json';
  return type === '' || type === 'application/octet-stream' ? 'protobuf' : 'text';
}

function jsonPartial(body: Buffer): PartialSuccess | undefined {
  const answer = parsed(body.toString());
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  // Protobuf's JSON mapping accepts both names of a field.
  const partial = field(answer, 'partialSuccess') ?? field(answer, 'partial_success');
  if (partial === undefined && tellsOfError(answer)) return undefined;
  // JSON carries 64-bit numbers as text.
  const rejected = Number(
    field(partial, 'rejectedDataPoints') ?? field(partial, 'rejected_data_points') ?? 0,
  );
  const message = field(partial, 'errorMessage') ?? field(partial, 'error_message') ?? '';
  return { rejectedDataPoints: rejected > 0 ? rejected : 0, errorMessage: String(message) };
}

function tellsOfError(answer: object): boolean {
  const status = field(answer, 'code') && field(answer, 'message');
  const failed = field(answer, 'success') === false || field(answer, 'ok') === false;
  return failed || Boolean(field(answer, 'error') || field(answer, 'errors') || status);
}

/** Finds the message of a google.rpc.Status, or of the objects that some backends send in its place. */
function messageOf(value: unknown): string | undefined {
  for (const key of ['message', 'error', 'detail', 'title']) {
    const message = field(value, key);
    if (typeof message === 'string' && message !== '') return message;
    if (typeof message === 'object') {
      const inner = messageOf(message);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function textOfHtml(html: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(html)?.[1]?.trim();
  const tags = /<(script|style)\b[\s\S]*?<\/\1\s*>|<[^>]*>/gi;
  return title === undefined || title === '' ? html.replace(tags, ' ') : title;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
