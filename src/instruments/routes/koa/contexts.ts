import type { IncomingMessage, ServerResponse } from 'node:http';
import { replaceMethod, replaceMethodWhere } from '../../../guest/replace.ts';

interface Methods<Context> {
  readonly createContext: (this: unknown, request: IncomingMessage, response: ServerResponse) => Context;
  readonly handleRequest?: (
    this: unknown,
    context: Context & { readonly req: IncomingMessage },
    ...rest: unknown[]
  ) => unknown;
}

const followed = new WeakSet<object>();

/**
 * Hears of each context in which an app of Koa handles a request: from the method that makes it, which has returned
 * before the first middleware is called. What is built on Koa may have another such method, as Egg has: only of its
 * contexts it hears from the method that calls the middleware, so that nothing of ours is in the stacks of other apps.
 *
 * @param Application of Koa, or whatever is exported in its place
 * @param hear called before the first middleware
 * @returns whether it is known as Koa's
 */
export function followContexts<Context>(
  Application: unknown,
  hear: (request: IncomingMessage, context: Context) => void,
): boolean {
  const { prototype } = Application as { prototype?: Methods<Context> };
  if (prototype?.createContext?.length !== 2) return false;
  if (followed.has(prototype)) return true;
  followed.add(prototype);
  const ours = replaceMethod<Methods<Context>['createContext']>(
    prototype,
    'createContext',
    (createContext) =>
      function (request, response) {
        const context = createContext.call(this, request, response);
        hear(request, context);
        return context;
      },
  );
  // Koa before 2.2 has no such method.
  if (prototype.handleRequest?.length !== 2) return true;
  replaceMethodWhere<NonNullable<Methods<Context>['handleRequest']>>(
    prototype,
    'handleRequest',
    (handleRequest) =>
      function (context, ...rest) {
        hear(context.req, context);
        return handleRequest.call(this, context, ...rest);
      },
    (app) => Reflect.get(app, 'createContext') !== ours,
  );
  return true;
}
