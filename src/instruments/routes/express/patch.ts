import type { ServerResponse } from 'node:http';
import type { Guard } from '../../../guest/guard.ts';
import { isPlain, type Layer } from './layer.ts';
import { type NotedRequest, noteRoute, notesOf, startNotes } from './notes.ts';

type HandleRequest = (
  this: Layer,
  request: NotedRequest,
  response: ServerResponse,
  ...rest: unknown[]
) => unknown;
type Observe = (layer: Layer, request: NotedRequest, response: ServerResponse) => void;

const patched = new WeakSet<object>();

/**
 * Patches the copy of Express that `layer` comes from, once, so that each of its layers notes what a request meets.
 * `this`, arguments, results and errors stay the same for the app, apart from one more frame in the stacks.
 *
 * @returns whether this call has patched anything
 */
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
    // Neither plain middleware nor a handler inside a route, which has no `route` at all, is noted.
    if (this.route !== undefined || (!isPlain(this) && 'route' in this)) observe(this, request, response);
    // biome-ignore lint/complexity/noArguments: the layer must get exactly what the router passed
    return original.apply(this, arguments as unknown as Parameters<HandleRequest>);
  };
}

function note(layer: Layer, request: NotedRequest, response: ServerResponse): void {
  const notes = notesOf(request) ?? startNotes(request);
  const { route } = layer;
  if (route === undefined) {
    notes.mounts.push(request.baseUrl ?? '', layer);
    return;
  }
  notes.last = route;
  if (!noteRoute(notes, request, response, route)) return;
  notes.layer = layer;
  notes.depth = notes.mounts.length;
}
