import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ParsedFamily, parse } from '../../test/exporters/prometheus/parser.ts';

const APP = fileURLToPath(new URL('app.mjs', import.meta.url));

/** Milliseconds for which a scrape must have no new metric to have all, and after which it is given up. */
const SETTLED_MILLIS = 300;
const LIMIT_MILLIS = 60_000;

export type Families = ReadonlyMap<string, ParsedFamily>;

/** The app of app.mjs under the built preload. */
export interface RunningApp extends AsyncDisposable {
  scrape(): Promise<Families>;
  /** Scrapes until no metric is new any more. */
  settled(): Promise<Families>;
}

/** Resolves when the app has done what it does. @throws with its output when it ends before that */
export async function startApp(env: Readonly<Record<string, string>>): Promise<RunningApp> {
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'routemeter/register', APP], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  const output: string[] = [];
  let endpoint: string | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    let isReady = false;
    const take = (line: string): void => {
      output.push(line);
      isReady ||= line === 'ready';
      endpoint ??= line.match(/^routemeter: measuring .*?(http:\S+\/metrics)/)?.[1];
      if (isReady && endpoint !== undefined) resolve();
    };
    for (const input of [child.stdout, child.stderr]) {
      if (input !== null) createInterface({ input }).on('line', take);
    }
    const failed = (): void => reject(new Error(`the app is not ready:\n${output.join('\n')}`));
    void ended.then(failed, failed);
    setTimeout(failed, LIMIT_MILLIS).unref();
  });
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };

  try {
    await ready;
  } catch (error) {
    await end();
    throw error;
  }
  const scrape = async (): Promise<Families> => {
    if (endpoint === undefined) throw new Error('nothing is served');
    return parse(await (await fetch(endpoint)).text());
  };
  return {
    scrape,
    async settled() {
      let families = await scrape();
      for (let since = performance.now(); performance.now() - since < SETTLED_MILLIS; await pause(20)) {
        const before = families.size;
        families = await scrape();
        if (families.size > before) since = performance.now();
      }
      return families;
    },
    [Symbol.asyncDispose]: end,
  };
}

/**
 * Resolves once nothing is missing.
 * @throws with what is missing when there still is something after a minute
 */
export async function untilNothing(missing: () => Promise<readonly string[]>): Promise<void> {
  const end = performance.now() + LIMIT_MILLIS;
  for (let left = await missing(); left.length > 0; left = await missing()) {
    if (performance.now() > end) throw new Error(`not within ${LIMIT_MILLIS} ms: ${left.join(', ')}`);
    await pause(20);
  }
}
