/** `start` and `stop`, for those who cannot pass flags; see the README for use without code. */
import type { Options } from './config.ts';
import { load } from './load.ts';

export type { Options } from './config.ts';

/**
 * Starts measuring now, for those who cannot pass `--import routemeter/register`. Call it before the app's
 * frameworks are loaded. A second call, or one beside the preload once that is measuring, does nothing but say so.
 *
 * Bad options or variables are reported on stderr and nothing is measured; the app runs on, unless
 * `strict` is set: then the process ends with code 1.
 */
export function start(options: Options = {}): void {
  load<typeof import('./runtime.ts')>('./runtime').runtime().start(options);
}

/**
 * Flushes what is pending (at most 0.8 s), closes the endpoint and stops measuring. The process can `start` again.
 * Resolves when done; never rejects.
 */
export function stop(): Promise<void> {
  return load<typeof import('./runtime.ts')>('./runtime').runtime().stop();
}
