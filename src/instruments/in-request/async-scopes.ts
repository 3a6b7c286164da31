import { AsyncResource } from 'node:async_hooks';

type Scoped = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Calls back whenever code begins to run in the asynchronous context of an AsyncResource: functions bound by it, by
 * `AsyncLocalStorage.bind` or by `snapshot`, and microtasks. From version 24 on, Node.js calls async hooks before it
 * changes the context, so that they see the caller's.
 *
 * @returns a function that undoes this, unless somebody else has patched the method since
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
