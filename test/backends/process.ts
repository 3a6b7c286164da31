import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { until } from '../until.ts';

const STOP_LIMIT_MILLIS = 5_000;
const START_LIMIT_MILLIS = 30_000;
/** Lines of output that are kept, the newest. */
const OUTPUT_LINES = 10_000;

export interface ProcessOptions {
  /** For messages and the temporary folder. */
  readonly name: string;
  readonly program: string;
  /** In these, in the environment and in the files `{FOLDER}` stands for the temporary folder. */
  readonly args: readonly string[];
  /** Beside PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written into the temporary folder, which is the working directory, before the first start. */
  readonly files?: Readonly<Record<string, string>>;
  /** Asked until it is true. Errors count as no. */
  readonly ready: (running: Running) => unknown;
}

/** A program that runs, and its folder. */
export interface Running extends AsyncDisposable {
  /** Temporary. */
  readonly folder: string;
  /** Lines of stdout and stderr, of all its starts. */
  readonly output: readonly string[];
  /** SIGKILL. The folder and the ports are kept for `restart`. */
  kill(): Promise<void>;
  /** Starts it with the same ports and data, after SIGKILL if it runs. Resolves when it is ready. */
  restart(): Promise<void>;
  /** SIGTERM, then SIGKILL after 5 s, and removes the folder. */
  stop(): Promise<void>;
}

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
}

const lives = new Set<Life>();
const folders = new Set<string>();

/** What no test stopped, also when the runner ends this process for being too slow. */
function endAll(): void {
  for (const { child } of lives) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.clear();
}
process.once('exit', endAll);
for (const [signal, number] of [
  ['SIGTERM', 15],
  ['SIGINT', 2],
] as const) {
  process.once(signal, () => process.exit(128 + number));
}
after(async () => {
  const ended = [...lives].map((life) => life.ended);
  for (const { child } of lives) child.kill('SIGKILL');
  await Promise.all(ended);
  endAll();
});

/** Starts a program and waits until it is ready. @throws with its output when it ends or is not ready in 30 s */
export async function startProcess(options: ProcessOptions): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), `${options.name}-`));
  folders.add(folder);
  const inFolder = (text: string): string => text.replaceAll('{FOLDER}', folder);
  for (const [path, text] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), inFolder(text));
  }
  const env = Object.fromEntries(
    Object.entries({ PATH: process.env.PATH, ...options.env }).map(([key, value]) => [
      key,
      inFolder(value ?? ''),
    ]),
  );
  const output: string[] = [];
  let life: Life | undefined;

  async function start(): Promise<void> {
    const child = spawn(options.program, options.args.map(inFolder), {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const closed = [child.stdout, child.stderr].map((input) => {
      const lines = createInterface({ input });
      lines.on('line', (line) => {
        if (output.push(line) > OUTPUT_LINES) output.shift();
      });
      return once(lines, 'close');
    });
    let failure: Error | undefined;
    const exit = once(child, 'exit').catch((error: Error) => {
      failure = error;
    });
    const started: Life = { child, ended: Promise.all([exit, ...closed]).then(() => {}) };
    life = started;
    lives.add(started);
    let over = false;
    void started.ended.then(() => {
      over = true;
      lives.delete(started);
    });

    const said = (): string =>
      `${options.name}, started as ${child.spawnargs.join(' ')}, said:\n${output.slice(-40).join('\n')}`;
    try {
      await until(
        `${options.name} is ready`,
        async () => over || (await options.ready(running)),
        START_LIMIT_MILLIS,
      );
    } catch (error) {
      await kill();
      throw new Error(`${error}; ${said()}`);
    }
    if (over) {
      throw new Error(
        `ended at once: ${failure ?? child.signalCode ?? `exit code ${child.exitCode}`}; ${said()}`,
      );
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (life === undefined) return;
    const { child, ended } = life;
    life = undefined;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MILLIS);
    await ended;
    clearTimeout(timer);
  }
  const kill = (): Promise<void> => end('SIGKILL');

  async function stop(): Promise<void> {
    await end('SIGTERM');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    folders.delete(folder);
  }

  const running: Running = {
    folder,
    output,
    kill,
    async restart() {
      await kill();
      await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return running;
}

/** Whether a GET is answered with success. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response.ok;
}

/** Whether a TCP connection to the port is taken. */
export async function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  const connection = connect(port, host);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    connection.destroy();
  }
}
