/** What Feathers leaves on Koa's context when it calls a service. */
export interface ServiceContext {
  readonly lookup?: { readonly service?: unknown; readonly params?: { readonly __id?: unknown } };
  readonly hook?: { readonly path?: unknown; readonly service?: unknown };
}

/**
 * The path of the service that Feathers has called, as it was declared, and with `/:id` if the request names one.
 * https://feathersjs.com/api/koa
 */
export function servicePattern(context: ServiceContext): string | undefined {
  const { hook } = context;
  if (typeof hook?.path !== 'string') return undefined;
  const { lookup } = context;
  if (lookup?.service === undefined) return undefined;
  const path = hook.path === '/' ? '' : `/${hook.path}`;
  return lookup.params?.__id == null ? path || '/' : `${path}/:id`;
}
