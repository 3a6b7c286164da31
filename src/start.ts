/** `start` and `stop`, for processes that cannot be started with the preload. */
import type { Options } from './config/types.ts';
import { load } from './guest/load.ts';
import { isSupported } from './guest/supported.ts';

export type { Options } from './config/types.ts';

/**
 * Starts measuring now, for processes that cannot be started with `--import routemeter/register`. Call it before the
 * app's frameworks are loaded. A call while this process is measuring already only logs that it has no effect.
 *
 * Bad options or variables are reported on stderr and nothing is measured; the app runs on, unless
 * `strict` is set: then the process ends with code 1. On anything but Node.js 22.15 or newer nothing is
 * measured, and one line gives the reason.
 */
export function start(options: Options = {}): void {
  if (isSupported(writeStderr)) load<typeof import('./session.ts')>('./session').session().start(options);
}

/**
 * Flushes what is pending (at most 0.8 s), closes the endpoint and stops measuring. The process can `start` again.
 * Resolves when done; never rejects.
 */
export function stop(): Promise<void> {
  if (!isSupported(writeStderr)) return Promise.resolve();
  return load<typeof import('./session.ts')>('./session').session().stop();
}

/** Loaded only when needed, since a bundle of CommonJS cannot hold that module. */
function writeStderr(line: string): void {
  load<typeof import('./guest/stderr.ts')>('./guest/stderr').writeStderr(line);
}
