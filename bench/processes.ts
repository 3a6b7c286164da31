/** The processes of a benchmark: started with the Node that runs it, asked over IPC, ended by their pid. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BENCH = fileURLToPath(new URL('.', import.meta.url));

const ANSWER_MILLIS = 120_000;
/** The end of what a process has printed, which says why it failed: so many characters, and no lines of a stack. */
const PRINTED_LENGTH = 600;

/** Where the measured process runs, and everything else; undefined where processes cannot be pinned. */
export const CORES: { readonly measured: number; readonly others: number } | undefined =
  availableParallelism() > 1 && spawnSync('taskset', ['-c', '0', 'true']).status === 0
    ? { measured: 0, others: 1 }
    : undefined;

/** Lets what runs in a bench folder import the package around it. Not a `file:` dependency: npm would then look after the package's own tree from there. */
export function linkPackage(bench: string): void {
  const link = join(bench, 'node_modules/routemeter');
  mkdirSync(dirname(link), { recursive: true });
  if (!existsSync(link)) symlinkSync('../..', link, 'junction');
}

export interface Start {
  /** Relative to bench/apps, or absolute. */
  readonly script: string;
  readonly nodeArguments?: readonly string[];
  readonly scriptArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly core?: number | undefined;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/** Only what a program needs to start: no NODE_OPTIONS, nothing that configures OpenTelemetry. */
function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(TMPDIR && { TMPDIR }), ...extra };
}

function launch(start: Start, stdio: ('ignore' | 'pipe' | 'ipc')[]): ChildProcess {
  const command = [
    process.execPath,
    ...(start.nodeArguments ?? []),
    resolve(BENCH, 'apps', start.script),
    ...(start.scriptArguments ?? []),
  ];
  if (start.core !== undefined) command.unshift('taskset', '-c', String(start.core));
  const [file = '', ...rest] = command;
  const child = spawn(file, rest, { cwd: BENCH, env: environment(start.env), stdio });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function endOfOutput(output: string): string {
  return output
    .replace(/^\s+at .*\n?/gm, '')
    .trim()
    .slice(-PRINTED_LENGTH);
}

function endOf({ exitCode, signalCode }: ChildProcess): string {
  return `it ended with ${signalCode ?? `code ${exitCode}`}`;
}

/** The same error, with what the process has printed. */
export function withOutput(error: unknown, app: App): Error {
  const message = error instanceof Error ? error.message : String(error);
  const printed = app.printed();
  return new Error(printed === '' ? message : `${message}; it printed: ${printed}`, { cause: error });
}

/** A process of bench/apps that answers questions. */
export interface App {
  /** One question at a time. */
  ask<Answer>(question: string, argument?: unknown): Promise<Answer>;
  /** What it has written to stderr so far. */
  stderr(): string;
  /** The end of what it has written to stdout and stderr so far, to say with an error; empty if it has written nothing. */
  printed(): string;
  stop(): Promise<void>;
}

/** @returns when the app is ready */
export async function startApp(start: Start): Promise<App> {
  const child = launch(start, ['ignore', 'pipe', 'pipe', 'ipc']);
  let stderr = '';
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    output += text;
  });
  const printed = (): string => endOfOutput(output);

  const answer = <Answer>(): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('close', onClose).off('error', onError);
      };
      const onMessage = (message: { answer?: Answer; error?: string }): void => {
        settle();
        if (message.error === undefined) resolve(message.answer as Answer);
        else reject(new Error(message.error));
      };
      // Not at its exit: what it has printed may come later.
      const onClose = (): void => onError(new Error(endOf(child)));
      const onError = (error: Error): void => {
        settle();
        reject(error);
      };
      const timer = setTimeout(() => onError(new Error(`no answer in ${ANSWER_MILLIS} ms`)), ANSWER_MILLIS);
      child.on('message', onMessage).on('close', onClose).on('error', onError);
    });

  const app: App = {
    ask(question, argument) {
      if (child.exitCode !== null || child.signalCode !== null)
        return Promise.reject(new Error(endOf(child)));
      const answered = answer<never>();
      child.send({ question, argument });
      return answered;
    },
    stderr: () => stderr,
    printed,
    async stop() {
      child.kill('SIGKILL');
      await ended(child);
    },
  };
  try {
    await answer();
  } catch (error) {
    await app.stop();
    throw withOutput(error, app);
  }
  return app;
}

/** Runs a script until it has written its one line of JSON to stdout; then ends it. */
export async function firstLine<Line>(start: Start): Promise<{ line: Line; startedAt: bigint }> {
  const startedAt = process.hrtime.bigint();
  const child = launch(start, ['ignore', 'pipe', 'pipe']);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  try {
    const text = await new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').once('data', resolve);
      child.once('error', reject);
      child.once('close', () => reject(new Error(`${endOf(child)}; it printed: ${endOfOutput(stderr)}`)));
    });
    return { line: JSON.parse(text) as Line, startedAt };
  } finally {
    child.kill('SIGKILL');
    await ended(child);
  }
}
