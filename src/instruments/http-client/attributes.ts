import { OTHER } from '../../metric-data/other.ts';
import { errorTypeText } from '../error-type.ts';

/** What is known of one outgoing request when it is over. */
export interface Call {
  /** The host that the request is for, lower case, without the brackets of an IPv6 address. */
  readonly address: string;
  /** Undefined if it is not known. */
  readonly port: number | undefined;
  readonly method: string;
  /** Undefined if no response began. */
  readonly status: number | undefined;
  readonly errorType: string | undefined;
  readonly scheme: 'http' | 'https';
  /** `1.1`, `2`; undefined if no response began. */
  readonly protocolVersion: string | undefined;
}

type Extract = (call: Call) => string | number | undefined;

/**
 * The attributes of `http.client.request.duration`, in the order in which ties are broken when one must collapse.
 * `required` ones are recorded unless dropped, the others only if configured.
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 */
export const ATTRIBUTES: readonly { name: string; required: boolean; extract: Extract }[] = [
  { name: 'server.address', required: true, extract: (call) => call.address },
  { name: 'server.port', required: true, extract: (call) => call.port },
  { name: 'http.request.method', required: true, extract: (call) => call.method },
  { name: 'http.response.status_code', required: true, extract: (call) => call.status },
  { name: 'error.type', required: true, extract: (call) => call.errorType },
  { name: 'url.scheme', required: false, extract: (call) => call.scheme },
  { name: 'network.protocol.version', required: false, extract: (call) => call.protocolVersion },
];

/** The name of the error with which Node.js and undici end a request that the app itself aborts. */
const ABORT = 'AbortError';

/**
 * `error.type` of a request without a response: the error's code if that is a string, such as `ECONNREFUSED`, else its
 * name. After `request.abort()` of node:http there is no error.
 */
export function errorTypeOfFailure(error: unknown): string {
  if (error === undefined) return ABORT;
  const { code, name }: { code?: unknown; name?: unknown } = Object(error);
  if (name !== ABORT && typeof code === 'string' && code !== '') return errorTypeText(code);
  return typeof name === 'string' && name !== '' ? errorTypeText(name) : OTHER;
}

/**
 * `error.type` of a request with a response: its status as text for 400 to 599; else that of the error that broke it
 * off, unless the app itself aborted it.
 */
export function errorTypeOfResponse(status: number, error: unknown): string | undefined {
  if (status >= 400 && status < 600) return String(status);
  if (error === undefined || error === null) return undefined;
  const type = errorTypeOfFailure(error);
  return type === ABORT ? undefined : type;
}
