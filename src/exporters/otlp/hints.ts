import type { OtlpConfig } from '../../config/config.ts';
import { OtlpFailure } from './failure.ts';

type Endpoint = Pick<OtlpConfig, 'url' | 'endpoint'>;

/** The port that OTLP over gRPC has by convention, and that of OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/ */
const GRPC_PORT = '4317';
const HTTP_PORT = '4318';
const PATH = '/v1/metrics';
/** The variable to which the path is added. */
const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const PROXY_USER = ' (the proxy wants a user and a password: see HTTP_PROXY and HTTPS_PROXY)';

/** What is likely wrong with an endpoint, though it may be right: undefined if nothing is. */
export function doubtOf(endpoint: Endpoint): string | undefined {
  if (endpoint.endpoint === undefined) return undefined;
  const url = new URL(endpoint.url);
  const right = new URL(endpoint.url);
  const doubts: string[] = [];
  if (url.port === GRPC_PORT) {
    right.port = HTTP_PORT;
    doubts.push(
      `port ${GRPC_PORT} is that of OTLP over gRPC, and this is OTLP over HTTP, which has port ${HTTP_PORT}`,
    );
  }
  if (endpoint.endpoint === BASE) {
    if (url.pathname.endsWith(`${PATH}${PATH}`)) {
      right.pathname = url.pathname.slice(0, -PATH.length);
      doubts.push(`${PATH} is added to this variable, and is there already`);
    }
  } else if (url.pathname === '/') {
    right.pathname = PATH;
    doubts.push(`it has no path, and is taken as it is: that of OTLP over HTTP is ${PATH}`);
  }
  if (doubts.length === 0) return undefined;
  return `${endpoint.endpoint}="${given(endpoint, url)}": ${doubts.join('; ')}. If exports fail, set ${endpoint.endpoint}=${given(endpoint, right)}`;
}

/** What to do about an export that failed; empty if that is not known, or has been said by `doubtOf`. */
export function hintOf(error: unknown, endpoint: Endpoint): string {
  if (doubtOf(endpoint) !== undefined) return '';
  const name = endpoint.endpoint ?? BASE;
  const value = given({ ...endpoint, endpoint: name }, new URL(endpoint.url));
  const setting = `${name}=${value}`;
  const code: unknown = Reflect.get(Object(error), 'code');
  // The second is how TLS says it.
  if (typeof code === 'string' && /^HPE_|_NO_APPLICATION_PROTOCOL$/.test(code)) {
    return ` (the answer is not HTTP/1.1, as from a port for gRPC: ${setting} needs one for OTLP over HTTP, ${HTTP_PORT} by default)`;
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return ` (the answer is not TLS: see whether ${setting} is to begin with http:)`;
  }
  // What a proxy answers where a tunnel through it is asked for is no answer to a request.
  const refusal = code === 'ERR_PROXY_TUNNEL' ? Reflect.get(Object(error), 'statusCode') : undefined;
  if (refusal === 407) return PROXY_USER;
  if (!(error instanceof OtlpFailure)) return '';
  if (
    error.type === 'not_otlp' ||
    (error.status !== undefined && [301, 302, 303, 307, 308].includes(error.status))
  ) {
    return ` (see whether ${setting} leads to the backend, and not to a login page or a proxy)`;
  }
  if (error.status === 401 || error.status === 403) {
    return ' (the backend may want a header: see OTEL_EXPORTER_OTLP_HEADERS)';
  }
  if (error.status === 407) return PROXY_USER;
  if (error.status === 404 || error.status === 405) {
    const metrics = new URL(endpoint.url).pathname.endsWith(PATH) ? '' : `; by default its path is ${PATH}`;
    return ` (see whether ${setting} is where the backend takes OTLP over HTTP${metrics})`;
  }
  return '';
}

/** The value of a variable by which a URL is reached, without what may be secret. */
function given({ endpoint }: Endpoint, { protocol, host, pathname }: URL): string {
  const path = endpoint === BASE && pathname.endsWith(PATH) ? pathname.slice(0, -PATH.length) : pathname;
  return `${protocol}//${host}${path === '/' ? '' : path}`;
}
