import { AsyncResource } from 'node:async_hooks';

type Scoped = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Calls back whenever code begins to run in the asynchronous context of an AsyncResource: what it binds, what
 * `AsyncLocalStorage.bind` and `snapshot` bind, and what `queueMicrotask` runs. From version 24 on Node.js announces it
 * to async hooks before it changes the context, so that they see that of the caller.
 *
 * @returns a function that undoes it, unless somebody else has patched the method since
 */
export function onScope(begun: () => void): () => void {
  const { prototype } = AsyncResource;
  const own = Object.getOwnPropertyDescriptor(prototype, 'runInAsyncScope');
  const original: AsyncResource['runInAsyncScope'] = prototype.runInAsyncScope;
  const within = (work: Scoped, self: unknown, args: unknown[]): unknown => {
    begun();
    return Reflect.apply(work, self, args);
  };
  const runInAsyncScope = function (
    this: AsyncResource,
    work: Scoped,
    self?: unknown,
    ...args: unknown[]
  ): unknown {
    return original.call(this, within, undefined, work, self, args);
  };
  Object.defineProperty(prototype, 'runInAsyncScope', { ...own, value: runInAsyncScope });
  return () => {
    if (own !== undefined && prototype.runInAsyncScope === runInAsyncScope) {
      Object.defineProperty(prototype, 'runInAsyncScope', own);
    }
  };
}
