import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Guard } from '../../guest/guard.ts';
import { CONVENTIONAL } from '../http/attributes.ts';
import { type Call, errorTypeOfFailure, errorTypeOfResponse } from './attributes.ts';
import type { RecordCall } from './client-metrics.ts';
import { targetOf } from './target.ts';

/** What Node.js publishes: https://nodejs.org/api/diagnostics_channel.html#http */
interface Message {
  readonly request: Measured<ClientRequest> & { readonly agent?: unknown };
  readonly response: Measured<IncomingMessage>;
  readonly error: unknown;
}

interface MeasuredCall {
  readonly start: number;
  readonly request: ClientRequest;
  response: IncomingMessage | undefined;
  over: boolean;
}

/** The property of a request and its response that holds their measurement. */
const MEASUREMENT = Symbol('routemeter.measurement');
type Measured<T> = T & { [MEASUREMENT]?: MeasuredCall };

export interface NodeHttpOptions {
  readonly record: RecordCall;
  readonly guard: Guard;
  /** Whether a request with this agent is ours. */
  readonly isOwn: (agent: unknown) => boolean;
  /** Gives unknown methods one name; by default those of the conventions are known. */
  readonly known?: (method: string) => string;
}

/**
 * Measures the requests that the process makes by node:http and node:https, without patching either: one observation
 * per request, when its response has been read to the end, it has failed, or its connection has closed before that.
 *
 * @returns a function that stops measuring
 */
export function measureNodeHttp({ record, guard, isOwn, known = CONVENTIONAL }: NodeHttpOptions): () => void {
  const end = (measurement: MeasuredCall, error: unknown): void => {
    if (measurement.over) return;
    measurement.over = true;
    record((performance.now() - measurement.start) / 1000, toCall(measurement, error, known));
  };

  const onClose = guard('http.client', function (this: Measured<ClientRequest>) {
    const measurement = this[MEASUREMENT];
    if (measurement === undefined) return;
    // Node.js does not publish a response after which the connection is handed over: to an upgrade or CONNECT.
    measurement.response ??= Reflect.get(this, 'res') ?? undefined;
    const { response } = measurement;
    // Node.js dumps the rest of a response that the app no longer wants.
    const givenUp = response !== undefined && Reflect.get(response, '_dumped') === true;
    end(measurement, givenUp ? undefined : response?.errored);
  });

  const onEnd = guard('http.client', function (this: Measured<IncomingMessage>) {
    const measurement = this[MEASUREMENT];
    if (measurement !== undefined) end(measurement, undefined);
  });

  const onCreated = guard('http.client', (message: unknown) => {
    const { request } = message as Message;
    if (isOwn(request.agent)) return;
    request[MEASUREMENT] = { start: performance.now(), request, response: undefined, over: false };
    request.on('close', onClose);
  });

  const onResponse = guard('http.client', (message: unknown) => {
    const { request, response } = message as Message;
    const measurement = request[MEASUREMENT];
    if (measurement === undefined) return;
    measurement.response = response;
    response[MEASUREMENT] = measurement;
    response.on('end', onEnd);
  });

  const onError = guard('http.client', (message: unknown) => {
    const { request, error } = message as Message;
    const measurement = request[MEASUREMENT];
    if (measurement !== undefined) end(measurement, error);
  });

  subscribe('http.client.request.created', onCreated);
  subscribe('http.client.response.finish', onResponse);
  subscribe('http.client.request.error', onError);
  return () => {
    unsubscribe('http.client.request.created', onCreated);
    unsubscribe('http.client.response.finish', onResponse);
    unsubscribe('http.client.request.error', onError);
  };
}

function toCall(
  { request, response }: MeasuredCall,
  error: unknown,
  known: (method: string) => string,
): Call {
  const status = response?.statusCode;
  return {
    ...targetOf(request, error),
    method: known(request.method),
    status,
    errorType: status === undefined ? errorTypeOfFailure(error) : errorTypeOfResponse(status, error),
    scheme: request.protocol === 'https:' ? 'https' : 'http',
    protocolVersion: response?.httpVersion,
  };
}
