import type { ExpressRequest } from './layer.ts';

/** What express-ws appends to the path of a route for WebSockets, and to the URL of a request for one. */
const SUFFIX = '/.websocket';

/**
 * The pattern as it was declared by `app.ws()` of express-ws, which sends WebSockets through the app as requests of a kind
 * of its own. https://github.com/HenningM/express-ws
 */
export function declaredForWebSocket(pattern: string, request: ExpressRequest): string {
  if (!pattern.endsWith(SUFFIX) || !('wsHandled' in request)) return pattern;
  return pattern.slice(0, -SUFFIX.length) || '/';
}
