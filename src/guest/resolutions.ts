import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import module from 'node:module';
import { getBuiltinModule } from './builtin.ts';
import type { Guard } from './guard.ts';

/** Tells what the app resolves, from when that must be known. */
export interface Resolutions {
  /** From now on. */
  hear(): void;
  /** From when the app imports ES modules. Not if only CommonJS requires them. */
  hearOfModules(): void;
}

/**
 * @param format `module`, `commonjs` or another; undefined if Node.js does not know it yet
 * @param parent URL of the file that needs it
 */
export type Resolved = (url: string, format: string | null | undefined, parent: string | undefined) => void;

/**
 * By a hook that only reads. Hooks into loading, even those that pass everything through, break `import` on Node.js 22.15
 * to 22.22 and 24.0 to 24.11. With a hook into resolving, Node.js makes URLs of paths and paths of URLs at each `require`,
 * which costs as much as finding the file: it is installed late, and never in an app that is all CommonJS and does not
 * listen.
 *
 * https://nodejs.org/api/module.html#moduleregisterhooksoptions
 *
 * @param resolved called under the guard by whoever made it
 */
export function createResolutions(guard: Guard, resolved: Resolved): Resolutions {
  let isHearing = false;
  let isWaiting = false;
  const hear = (): void => {
    if (isHearing) return;
    isHearing = true;
    unsubscribe(CHANNEL, onImport);
    module.registerHooks?.({
      resolve(specifier, context, next) {
        const result = next(specifier, context);
        resolved(result.url, result.format, context.parentURL);
        return result;
      },
    });
  };
  const onImport = guard('route', (message: unknown): void => {
    const { parentURL, url } = message as Import;
    const target = String(url);
    if (target.startsWith('node:') || (parentURL === undefined && !mayImport(target))) return;
    hear();
  });

  return {
    hear,
    hearOfModules() {
      if (isWaiting || isHearing) return;
      isWaiting = true;
      subscribe(CHANNEL, onImport);
    },
  };
}

/**
 * Published at each `import()`, and at the entry of a program, which may be CommonJS.
 * https://nodejs.org/api/diagnostics_channel.html#modules
 */
const CHANNEL = 'tracing:module.import:start';

interface Import {
  /** Undefined for the entry. */
  readonly parentURL: string | undefined;
  readonly url: string | URL;
}

/** The statements by which a module imports another one. */
const IMPORT = /(?:^|[;}]|\*\/)[^\S\r\n]*(?:import\s*["'{*/\w$\\]|export\s*[{*/])/m;
/** In bytes. Larger files are bundles, which resolve little. */
const MOST_READ = 1 << 18;

/** Whether an entry may import others before its first `import()`. */
function mayImport(url: string): boolean {
  if (!/^file:.*\.[cm]?[jt]s$/.test(url)) return true;
  try {
    const { readFileSync, statSync } = getBuiltinModule('node:fs');
    const file = new URL(url);
    const stat = statSync(file);
    return !stat.isFile() || stat.size > MOST_READ || IMPORT.test(readFileSync(file, 'utf8'));
  } catch {
    return true;
  }
}
