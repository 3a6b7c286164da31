import type { Protocol } from '../guest/listening.ts';
import { publishesStreams } from '../guest/supported.ts';

const OWN = "the app's own instruments";

/** By what the process listened for first. */
const BY_PROTOCOL = {
  http: (perRoute: string) => `HTTP requests${perRoute}`,
  http2: (perRoute: string) =>
    publishesStreams(process.versions.node)
      ? `HTTP requests${perRoute}`
      : `HTTP/1 requests${perRoute} (HTTP/2 needs Node.js 22.18, 24.3 or newer)`,
  none: (perRoute: string) => `${OWN}, and HTTP requests${perRoute} once it listens,`,
} as const;

/**
 * What the line that is logged at start names as measured.
 *
 * @param perRoute whether a framework was seen that has routes, or patterns are configured
 */
export function whatIsMeasured(httpEnabled: boolean, protocol: Protocol, perRoute: boolean): string {
  return httpEnabled ? BY_PROTOCOL[protocol ?? 'none'](perRoute ? ' per route' : '') : OWN;
}
