import type { IncomingMessage } from 'node:http';
import { isRecord } from '../../guest/shape.ts';

/**
 * Node's request of a web `Request`: `srvx` tells it, and `@hono/node-server` has it as a property. Undefined if
 * another has made the request, such as the app itself.
 */
export function nodeRequestOf(request: unknown): IncomingMessage | undefined {
  if (!isRecord(request)) return undefined;
  const { runtime } = request;
  if (isRecord(runtime) && isRecord(runtime.node)) return runtime.node.req as IncomingMessage | undefined;
  const key = Object.getOwnPropertySymbols(request).find((symbol) => symbol.description === 'incomingKey');
  return key === undefined ? undefined : Reflect.get(request, key);
}
