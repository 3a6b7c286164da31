import type { ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import { isFallback } from './fallback.ts';
import type { ExpressRequest, Layer } from './layer.ts';
import { isPlain } from './layer.ts';
import type { Trace } from './trace.ts';
import { createTrace } from './trace.ts';

export const TRACE = Symbol('routemeter.express');

export interface TracedRequest extends ExpressRequest {
  [TRACE]?: Trace;
}

type HandleRequest = (
  this: Layer,
  request: TracedRequest,
  response: ServerResponse,
  ...rest: unknown[]
) => unknown;
type Observe = (layer: Layer, request: TracedRequest, response: ServerResponse) => void;

const patched = new WeakSet<object>();

/**
 * Lets every layer of the copies of Express that `layers` come from note what a request meets. Once per copy; what
 * the app sees stays the same: `this`, arguments, result and errors, apart from a frame in their stacks.
 */
export function patchLayers(layers: readonly Layer[], guard: Guard): void {
  for (const layer of layers) patchLayer(layer, guard);
}

/** @returns true if this call changed something */
export function patchLayer(layer: Layer | undefined, guard: Guard): boolean {
  if (layer === undefined) return false;
  const prototype: object | null = Object.getPrototypeOf(layer);
  if (prototype === null || prototype === Object.prototype || patched.has(prototype)) return false;
  const name = 'handleRequest' in prototype ? 'handleRequest' : 'handle_request';
  const original: unknown = Reflect.get(prototype, name);
  if (typeof original !== 'function') return false;
  patched.add(prototype);
  const wrapped = wrap(original as HandleRequest, guard('express.layer', note));
  Object.defineProperties(wrapped, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  });
  return Reflect.set(prototype, name, wrapped);
}

function wrap(original: HandleRequest, observe: Observe): HandleRequest {
  return function (request, response) {
    // Plain middleware leaves by the first line; a handler inside a route has no `route` at all.
    if (this.route !== undefined || (!isPlain(this) && 'route' in this)) observe(this, request, response);
    // biome-ignore lint/complexity/noArguments: what the router passed is what the layer gets
    return original.apply(this, arguments as unknown as Parameters<HandleRequest>);
  };
}

function note(layer: Layer, request: TracedRequest, response: ServerResponse): void {
  let trace = request[TRACE];
  if (trace === undefined) {
    trace = createTrace();
    request[TRACE] = trace;
  }
  if (layer.route === undefined) {
    trace.mounts.push(request.baseUrl ?? '', layer);
    return;
  }
  // After `res.send(); next()` the route that answered stays, and a fallback answers for the one before it.
  if (trace.route !== undefined && (response.headersSent || isFallback(layer.route))) return;
  trace.route = layer;
  trace.base = request.baseUrl ?? '';
  trace.url = request.url ?? '';
  trace.depth = trace.mounts.length;
}
