import type { IncomingMessage } from 'node:http';
import { isRecord } from '../../guest/shape.ts';

/** The property of `@hono/node-server` that was found last; each copy of it has one of its own. */
let incomingKey: symbol | undefined;

/**
 * Node's request of a web `Request`: `srvx` tells it, and `@hono/node-server` has it as a property. Undefined if
 * another has made the request, such as the app itself.
 */
export function nodeRequestOf(request: unknown): IncomingMessage | undefined {
  if (!isRecord(request)) return undefined;
  const { runtime } = request;
  if (isRecord(runtime) && isRecord(runtime.node)) return runtime.node.req as IncomingMessage | undefined;
  if (incomingKey === undefined || !Object.hasOwn(request, incomingKey)) {
    const keys = Object.getOwnPropertySymbols(request);
    const key = keys.find(({ description }) => description === 'incomingKey');
    if (key === undefined) return undefined;
    incomingKey = key;
  }
  return Reflect.get(request, incomingKey);
}
