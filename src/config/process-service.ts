import { getBuiltinModule } from '../guest/builtin.ts';
import type { ConfigSource, Options } from './types.ts';

/**
 * What names the service of a process, as its main thread knows it. Environment data take it to every worker thread,
 * whatever file, arguments or environment the thread is given.
 */
export interface ProcessService {
  /** The entry script, if there is one. */
  readonly entry: string | undefined;
  readonly env: ConfigSource['env'];
  readonly options: Pick<Options, 'serviceName' | 'resourceAttributes'>;
}

const KEY = 'routemeter.process-service.v1';

/** Does nothing in a worker thread. */
export function tellThreads({ entry, env, options }: ProcessService): void {
  const { isMainThread, setEnvironmentData } = getBuiltinModule('node:worker_threads');
  if (!isMainThread) return;
  const { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES } = env;
  const name: unknown = options?.serviceName;
  const attribute: unknown = options?.resourceAttributes?.['service.name'];
  // Only strings: a value that cannot be cloned would make the app's `new Worker` throw.
  setEnvironmentData(KEY, {
    entry,
    env: { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES },
    options: {
      ...(typeof name === 'string' && { serviceName: name }),
      ...(typeof attribute === 'string' && { resourceAttributes: { 'service.name': attribute } }),
    },
  });
}

/** Undefined on the main thread, and in a thread whose process has not loaded this package. */
export function processService(): ProcessService | undefined {
  const { isMainThread, getEnvironmentData } = getBuiltinModule('node:worker_threads');
  return isMainThread ? undefined : (getEnvironmentData(KEY) as ProcessService | undefined);
}

/** Whether this is a worker thread: its file then does not name the service. */
export function isThread(): boolean {
  return !getBuiltinModule('node:worker_threads').isMainThread;
}
