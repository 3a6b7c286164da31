import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getBuiltinModule } from '../../builtin.ts';
import type { Guard } from '../../guard.ts';

/** What `@opentelemetry/instrumentation-http` replaces on the HTTP and HTTPS servers. */
export interface Emitters {
  readonly http: unknown;
  readonly https: unknown;
}

export function currentEmitters(): Emitters {
  return {
    http: getBuiltinModule('node:http').Server.prototype.emit,
    https: getBuiltinModule('node:https').Server.prototype.emit,
  };
}

/**
 * Whether the app's own instrumentation has patched the servers.
 *
 * @param ours how our own engine left them, if it patches
 */
export function isPatchedByApp(ours: Emitters | undefined): boolean {
  const { http, https } = currentEmitters();
  return (http !== ours?.http && isWrapped(http)) || (https !== ours?.https && isWrapped(https));
}

/**
 * Calls back once, at the first request after the app has patched the servers: it may do so at any time.
 *
 * @returns a function that ends the watch
 */
export function onAppPatch(ours: () => Emitters | undefined, guard: Guard, callback: () => void): () => void {
  const listener = guard('http.request.start', () => {
    if (!isPatchedByApp(ours())) return;
    end();
    callback();
  });
  const end = (): void => {
    unsubscribe('http.server.request.start', listener);
  };
  subscribe('http.server.request.start', listener);
  return end;
}

function isWrapped(emit: unknown): boolean {
  return typeof emit === 'function' && Reflect.get(emit, '__wrapped') === true;
}
