/** The only place that reads the environment. Nothing is parsed before there is something to measure. */

import { basename } from 'node:path';
import { getBuiltinModule } from '../guest/builtin.ts';
import { load } from '../guest/load.ts';
import type { ConfigResult } from './config.ts';
import { isThread, processService, tellThreads } from './process-service.ts';
import type { ConfigSource, Options } from './types.ts';

/**
 * Checks every value that is used, and reads the certificates and package.json files that they lead to. A value that
 * loses to another one, or belongs to an exporter that is not chosen, is not checked.
 */
export function parseConfig(source: ConfigSource): ConfigResult {
  return load<typeof import('./parse.ts')>('./config/parse').parseConfig(source);
}

/** The configuration of this process, or thread. */
export function readConfig(options: Options = {}): ConfigResult {
  const env = environment();
  const place = { cwd: workingDirectory(), readFile: getBuiltinModule('node:fs').readFileSync };
  if (!isThread()) {
    const link = entryScript(env);
    tellThreads({ entry: link, env, options });
    return parseConfig({ env, options, ...scriptOf(link), ...place });
  }
  // A worker thread belongs to the service of its process.
  const whole = processService();
  const named =
    whole && parseConfig({ env: whole.env, options: whole.options, ...scriptOf(whole.entry), ...place });
  return parseConfig({
    env,
    options: options instanceof Object ? { ...whole?.options, ...options } : options,
    entry: undefined,
    processName: named?.ok ? named.config.serviceName : undefined,
    ...place,
  });
}

/** To be called before the app makes any worker thread. */
export function tellThreadsOfProcess(): void {
  const env = environment();
  tellThreads({ entry: entryScript(env), env, options: {} });
}

/** Only `true` disables; what is for this package alone comes before what is for any SDK. */
export function isDisabled(env: ConfigSource['env'] = environment()): boolean {
  const { ROUTEMETER_DISABLED: own = '', OTEL_SDK_DISABLED: any = '' } = env;
  return (own.trim() || any.trim()).toLowerCase() === 'true';
}

/** All problems as one message of several lines. */
export function formatProblems(problems: readonly string[], strict = false): string {
  const outcome = strict ? 'the process ends, as ROUTEMETER_STRICT requires' : 'the app runs without metrics';
  return [`the configuration is invalid, so ${outcome}:`, ...problems].join('\n  ');
}

/** In cluster mode PM2 7 hands over the variables as JSON, and overwrites others with them after the preload. */
export function environment(env: ConfigSource['env'] = process.env): ConfigSource['env'] {
  if (env.pm2_env === undefined) return env;
  try {
    const values = Object.entries(JSON.parse(env.pm2_env))
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [name, String(value)]);
    return { ...env, ...Object.fromEntries(values) };
  } catch {
    return env;
  }
}

/** The app's script; PM2 starts it from one of its own. */
function entryScript(env: ConfigSource['env']): string | undefined {
  const script = process.argv[1];
  if (script === undefined) return undefined;
  return (basename(script).startsWith('ProcessContainer') && env.pm_exec_path) || script;
}

function scriptOf(link: string | undefined): Pick<ConfigSource, 'entry' | 'link'> {
  if (link === undefined) return { entry: undefined };
  try {
    return { entry: getBuiltinModule('node:fs').realpathSync(link), link };
  } catch {
    return { entry: link };
  }
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '';
  }
}
