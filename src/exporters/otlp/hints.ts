import type { OtlpConfig } from '../../config/config.ts';
import { OtlpFailure } from './failure.ts';

type Endpoint = Pick<OtlpConfig, 'url' | 'endpoint'>;

/** The conventional ports of OTLP over gRPC and of OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/ */
const GRPC_PORT = '4317';
const HTTP_PORT = '4318';
const PATH = '/v1/metrics';
/** The variable to whose value the path is appended. */
const BASE = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const PROXY_USER = ' (the proxy requires a user and a password: see HTTP_PROXY and HTTPS_PROXY)';

/** What is probably wrong with an endpoint, undefined if nothing is. The endpoint may still be right. */
export function doubtOf(endpoint: Endpoint): string | undefined {
  if (endpoint.endpoint === undefined) return undefined;
  const url = new URL(endpoint.url);
  const right = new URL(endpoint.url);
  const doubts: string[] = [];
  if (url.port === GRPC_PORT) {
    right.port = HTTP_PORT;
    doubts.push(
      `port ${GRPC_PORT} is for OTLP over gRPC; this is OTLP over HTTP, whose port is ${HTTP_PORT}`,
    );
  }
  if (endpoint.endpoint === BASE) {
    if (url.pathname.endsWith(`${PATH}${PATH}`)) {
      right.pathname = url.pathname.slice(0, -PATH.length);
      doubts.push(`${PATH} is appended to this variable and is there already`);
    }
  } else if (url.pathname === '/') {
    right.pathname = PATH;
    doubts.push(`it has no path and is used as it is; the path of OTLP over HTTP is ${PATH}`);
  }
  if (doubts.length === 0) return undefined;
  return `${endpoint.endpoint}="${given(endpoint, url)}": ${doubts.join('; ')}. If exports fail, set ${endpoint.endpoint}=${given(endpoint, right)}`;
}

/** What to do about a failed export; empty if that is not known, or `doubtOf` has covered it. */
export function hintOf(error: unknown, endpoint: Endpoint): string {
  if (doubtOf(endpoint) !== undefined) return '';
  const name = endpoint.endpoint ?? BASE;
  const value = given({ ...endpoint, endpoint: name }, new URL(endpoint.url));
  const setting = `${name}=${value}`;
  const code: unknown = Reflect.get(Object(error), 'code');
  // The second is TLS' error for the same cause.
  if (typeof code === 'string' && /^HPE_|_NO_APPLICATION_PROTOCOL$/.test(code)) {
    return ` (the response is not HTTP/1.1, as from a gRPC port: ${setting} needs a port for OTLP over HTTP, ${HTTP_PORT} by default)`;
  }
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
    return ` (the response is not TLS: check whether ${setting} should begin with http:)`;
  }
  // A proxy's refusal to open a tunnel is an error, not an answer to a request.
  const refusal = code === 'ERR_PROXY_TUNNEL' ? Reflect.get(Object(error), 'statusCode') : undefined;
  if (refusal === 407) return PROXY_USER;
  if (!(error instanceof OtlpFailure)) return '';
  if (
    error.type === 'not_otlp' ||
    (error.status !== undefined && [301, 302, 303, 307, 308].includes(error.status))
  ) {
    return ` (check that ${setting} leads to the backend and not to a login page or a proxy)`;
  }
  if (error.status === 401 || error.status === 403) {
    return ' (the backend may require a header: see OTEL_EXPORTER_OTLP_HEADERS)';
  }
  if (error.status === 407) return PROXY_USER;
  if (error.status === 404 || error.status === 405) {
    const metrics = new URL(endpoint.url).pathname.endsWith(PATH) ? '' : `; by default its path is ${PATH}`;
    return ` (check that ${setting} is where the backend accepts OTLP over HTTP${metrics})`;
  }
  return '';
}

/** The value of the variable that leads to a URL, without parts that may be secret. */
function given({ endpoint }: Endpoint, { protocol, host, pathname }: URL): string {
  const path = endpoint === BASE && pathname.endsWith(PATH) ? pathname.slice(0, -PATH.length) : pathname;
  return `${protocol}//${host}${path === '/' ? '' : path}`;
}
