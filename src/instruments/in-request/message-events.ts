import type { IncomingMessage } from 'node:http';
import { getBuiltinModule } from '../../builtin.ts';

/** Runs a function in the context of the request that a message is; undefined where it is none, or runs there. */
export type InContextOf = (message: IncomingMessage) => ((work: () => boolean) => boolean) | undefined;

/**
 * Node.js emits the events of a request's body from its parser, which belongs to the connection: from version 24 on in
 * no request's context. So they are emitted in that of the request to which they belong, by the one method of the
 * prototype through which all of them go.
 *
 * @returns a function that undoes it, unless somebody else has patched the method since
 */
export function emitInContext(contextOf: InContextOf): () => void {
  const { prototype } = getBuiltinModule('node:http').IncomingMessage;
  const own = Object.getOwnPropertyDescriptor(prototype, 'emit');
  const inherited: IncomingMessage = Object.getPrototypeOf(prototype);
  const emit = function (this: IncomingMessage, ...event: Parameters<IncomingMessage['emit']>): boolean {
    const original: IncomingMessage['emit'] = own?.value ?? inherited.emit;
    const run = contextOf(this);
    return run === undefined ? original.apply(this, event) : run(() => original.apply(this, event));
  };
  Object.defineProperty(prototype, 'emit', { value: emit, configurable: true, writable: true });
  return () => {
    if (prototype.emit !== emit) return;
    if (own === undefined) Reflect.deleteProperty(prototype, 'emit');
    else Object.defineProperty(prototype, 'emit', own);
  };
}
