import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getBuiltinModule } from './builtin.ts';

/**
 * The slot on globalThis through which all copies of `@opentelemetry/api` 1.x find one another. A copy registers
 * a provider only if the slot's `version` is exactly its own, so a preload that registers through its own copy
 * would shut out every app on another version, silently. Here the slot is an accessor instead: whichever copy
 * registers first sets the version, as if this package were not there, and the app's own MeterProvider replaces
 * ours.
 *
 * Source: `internal/global-utils` of `@opentelemetry/api`.
 */
const SLOT = Symbol.for('opentelemetry.js.api.1');

/** Read as compatible by every 1.x copy, until one of them registers something. */
const ANY_VERSION = '1.999.0';

export interface ApiGlobal {
  /** Removes our MeterProvider; what others registered stays. */
  retire(): void;
}

/**
 * Offers a MeterProvider to every copy of the API in this process.
 *
 * @param provider what `metrics.getMeterProvider()` returns until someone else registers one
 * @param onReplaced called once, when the app registers a MeterProvider of its own
 * @param versionOf the API version of the code that is registering, given its stack trace
 * @returns undefined if the slot already holds a MeterProvider
 */
export function installApiGlobal(
  provider: object,
  onReplaced: () => void,
  versionOf: (stack: string) => string | undefined = callerVersion,
): ApiGlobal | undefined {
  const before: unknown = Reflect.get(globalThis, SLOT);
  const existing: object | undefined = typeof before === 'object' && before !== null ? before : undefined;
  if (existing !== undefined && Reflect.get(existing, 'metrics') !== undefined) return undefined;

  const api: Record<string, unknown> = { ...existing };
  let version = typeof api.version === 'string' ? api.version : undefined;
  let current: object | undefined = provider;
  // Only registerGlobal assigns the slot, and it looks at api.metrics right after: that one look finds nothing.
  let registering = false;

  const settle = (): void => {
    Object.defineProperty(api, 'metrics', {
      value: current,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    if (current === undefined) delete api.metrics;
    Object.defineProperty(globalThis, SLOT, {
      value: api,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  };

  Object.defineProperty(api, 'version', {
    get: () => version ?? ANY_VERSION,
    enumerable: true,
    configurable: true,
  });
  Object.defineProperty(api, 'metrics', {
    get() {
      if (!registering) return current;
      registering = false;
      return undefined;
    },
    set(value: object | undefined) {
      const replaced = current === provider && value !== provider;
      current = value;
      settle();
      if (replaced) onReplaced();
    },
    enumerable: true,
    configurable: true,
  });
  Object.defineProperty(globalThis, SLOT, {
    get() {
      registering = false;
      return api;
    },
    set(value: unknown) {
      if (value !== api) {
        Object.defineProperty(globalThis, SLOT, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
        onReplaced();
        return;
      }
      registering = true;
      version ??= versionOf(new Error().stack ?? '');
    },
    enumerable: true,
    configurable: true,
  });

  return {
    retire() {
      if (current !== provider) return;
      current = undefined;
      settle();
    },
  };
}

/** The version of the API copy that called us: from its package.json, or from the bundle it was built into. */
function callerVersion(stack: string): string | undefined {
  const file = callerFile(stack);
  if (file === undefined) return undefined;
  try {
    return packageVersion(file) ?? bundledVersion(getBuiltinModule('node:fs').readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The file of the second frame: the first one is the slot's setter in this file. */
function callerFile(stack: string): string | undefined {
  const frame = stack.split('\n').filter((line) => /^\s+at /.test(line))[1];
  const location = frame?.match(/\(?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):\d+:\d+\)?$/)?.[1];
  if (location === undefined) return undefined;
  return location.startsWith('file://') ? fileURLToPath(location) : location;
}

function packageVersion(file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(
        getBuiltinModule('node:fs').readFileSync(join(folder, 'package.json'), 'utf8'),
      ) as {
        name?: unknown;
        version?: unknown;
      };
      if (name === undefined) continue;
      return name === '@opentelemetry/api' && typeof version === 'string' ? version : undefined;
    } catch {
      // No package.json here: look further up.
    }
  }
  return undefined;
}

/** A bundle keeps the API's VERSION constant shortly before the code that names the slot. */
function bundledVersion(source: string): string | undefined {
  const at = source.indexOf('opentelemetry.js.api.');
  if (at < 0) return undefined;
  return [...source.slice(Math.max(0, at - 8000), at).matchAll(/["'`](1\.\d+\.\d+)["'`]/g)].at(-1)?.[1];
}
