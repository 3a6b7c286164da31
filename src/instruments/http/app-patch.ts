import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Guard } from '../../guest/guard.ts';

/** Whether the app's own `@opentelemetry/instrumentation-http` has patched the HTTP or HTTPS server. */
export function isPatchedByApp(): boolean {
  const { Server } = getBuiltinModule('node:http');
  const { Server: SecureServer } = getBuiltinModule('node:https');
  return isWrapped(Server.prototype.emit) || isWrapped(SecureServer.prototype.emit);
}

/**
 * Calls back once, at the first request after the app has patched the servers, which it may do at any time.
 *
 * @returns a function that ends the watch
 */
export function onAppPatch(guard: Guard, callback: () => void): () => void {
  const listener = guard('http.request.start', () => {
    if (!isPatchedByApp()) return;
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
