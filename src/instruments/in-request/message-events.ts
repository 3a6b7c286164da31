import type { EventEmitter } from 'node:events';

/** Runs a function in the context to which an emitter belongs; undefined where there is none, or it runs there. */
export type InContextOf<Emitter> = (emitter: Emitter) => ((work: () => boolean) => boolean) | undefined;

/**
 * Node.js emits events of a request and its response from the parser and the socket, which belong to the connection:
 * from version 24 on in no request's context. So they are emitted in that of the request to which they belong, by the
 * one method of the prototype through which all of them go.
 *
 * @param prototype of node:http's messages
 * @returns a function that undoes it, unless somebody else has patched the method since
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
    return run === undefined ? original.apply(this, event) : run(() => original.apply(this, event));
  };
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, writable: true });
  return () => {
    if (prototype.emit !== emit) return;
    if (own === undefined) Reflect.deleteProperty(prototype, 'emit');
    else Object.defineProperty(prototype, 'emit', own);
  };
}
