import { getBuiltinModule } from '../guest/builtin.ts';
import type { ConfigSource, Options } from './types.ts';

/**
 * What names the service of a process, as its main thread knows it. Its worker threads are told by environment data,
 * which reach every one of them, whatever file, arguments or environment it is given.
 */
export interface ProcessService {
  /** The entry script, if any. */
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
  // Texts alone: what cannot be cloned would make the app's `new Worker` throw.
  setEnvironmentData(KEY, {
    entry,
    env: { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES },
    options: {
      ...(typeof name === 'string' && { serviceName: name }),
      ...(typeof attribute === 'string' && { resourceAttributes: { 'service.name': attribute } }),
    },
  });
}

/** Undefined on the main thread, and in a thread whose process does not have this package. */
export function processService(): ProcessService | undefined {
  const { isMainThread, getEnvironmentData } = getBuiltinModule('node:worker_threads');
  return isMainThread ? undefined : (getEnvironmentData(KEY) as ProcessService | undefined);
}

/** Whether this is a worker thread, whose own file says nothing about the service. */
export function isThread(): boolean {
  return !getBuiltinModule('node:worker_threads').isMainThread;
}
