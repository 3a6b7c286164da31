import type { EventEmitter } from 'node:events';

/** Runs a function in the context of an emitter; undefined if there is none, or it is the current one. */
export type InContextOf<Emitter> = (emitter: Emitter) => ((work: () => boolean) => boolean) | undefined;

/**
 * Node.js emits events of a request and its response from the parser and the socket, which belong to the connection;
 * from version 24 on, that is outside of any request's context. This makes the prototype's `emit`, through which all of
 * them pass, emit them in the context of their request.
 *
 * @param prototype of node:http's messages
 * @returns a function that undoes this, unless somebody else has patched the method since
 */
export function emitInContext<Emitter extends EventEmitter>(
  prototype: Emitter,
  contextOf: InContextOf<Emitter>,
): () => void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const inherited: EventEmitter = Object.getPrototypeOf(prototype);
  const emit = function (this: Emitter, ...event: Parameters<EventEmitter['emit']>): boolean {
    const original: EventEmitter['emit'] = own?.value ?? inherited.emit;
    const run = this.listenerCount(event[0]) === 0 ? undefined : contextOf(this);
    return run === undefined ? original.apply(this, event) : emitWithin(run, original, this, event);
  };
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, writable: true });
  return () => {
    if (prototype.emit !== emit) return;
    if (own === undefined) Reflect.deleteProperty(prototype, 'emit');
    else Object.defineProperty(prototype, 'emit', own);
  };
}

/** In a function of its own, so that no other event has to be kept for the one that is made here. */
function emitWithin(
  run: (work: () => boolean) => boolean,
  original: EventEmitter['emit'],
  emitter: EventEmitter,
  event: Parameters<EventEmitter['emit']>,
): boolean {
  return run(() => original.apply(emitter, event));
}
