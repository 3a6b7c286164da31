import { type ChildProcess, type Serializable, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

/** The built preload, as users name it. */
export const REGISTER = 'routemeter/register';

/** The preload, with a flush at the end that may take so long. */
export const flushing = (millis: number): readonly string[] => [
  '--import',
  `data:text/javascript,globalThis[Symbol.for('routemeter.flush')]=${millis}`,
  '--import',
  REGISTER,
];

/** As long as a busy machine needs. */
export const PATIENT = flushing(60_000);

/** @param name a file of test/apps, or an absolute path */
export const appPath = (name: string): string => resolve(import.meta.dirname, 'apps', name);

/** The only variables that an app inherits. `npm test` sets the second, which saves compiling modules again. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

/** For a line of output, the start of a program included: longer than any of them takes on a busy machine. */
const LIMIT_MILLIS = 60_000;

/** A flag of V8: without it, collecting young objects takes a tenth of a start. */
const ROOM = '--min-semi-space-size=16';

export interface AppOptions {
  /** Node's own flags; the default loads the preload. */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A command that executes the command line that follows it. */
  readonly wrapper?: readonly string[];
}

/** A small program run as a child process, whose output is kept line by line. It is killed after the file's tests. */
export class AppProcess {
  readonly child: ChildProcess;
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #waiting: (() => void)[] = [];

  /** @param program a file of test/apps, an absolute path, or the text of an ES module when it contains a line break */
  constructor(
    program: string,
    { flags = ['--import', REGISTER], args = [], env = {}, cwd, wrapper = [] }: AppOptions = {},
  ) {
    const inline = program.includes('\n');
    const script = inline ? ['--input-type=module', '-e', program] : [appPath(program)];
    const [command = process.execPath, ...line] = [
      ...wrapper,
      process.execPath,
      ROOM,
      ...flags,
      ...script,
      ...args,
    ];
    this.child = spawn(command, line, {
      cwd: cwd ?? fileURLToPath(new URL('apps', import.meta.url)),
      env: { PATH, NODE_COMPILE_CACHE, OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const outputs = (['stdout', 'stderr'] as const).map((name) => {
      const stream = this.child[name];
      if (stream === null) throw new Error(`no ${name}`);
      const lines = createInterface({ input: stream });
      lines.on('line', (line) => {
        this[name].push(line);
        this.#wake();
      });
      return once(lines, 'close');
    });
    this.ended = Promise.all([once(this.child, 'exit'), ...outputs]).then(([[code, signal]]) => {
      this.#wake();
      return { code, signal };
    });
    running.add(this);
    void this.ended.then(() => running.delete(this));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits for a line of output that matches; fails with all the output if the program ends, or a minute, without one. */
  async line(name: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpMatchArray> {
    const [line] = await this.lines(name, pattern, 1);
    return line;
  }

  /** As `line`, for that many lines. */
  async lines(
    name: 'stdout' | 'stderr',
    pattern: RegExp,
    count: number,
  ): Promise<[RegExpMatchArray, ...RegExpMatchArray[]]> {
    const matches = (): RegExpMatchArray[] =>
      this[name].map((line) => line.match(pattern)).filter((match) => match !== null);
    const hasEnded = (): boolean => this.child.exitCode !== null || this.child.signalCode !== null;
    await this.#printed(() => matches().length >= count || hasEnded());
    if (hasEnded()) await this.ended;
    const [first, ...more] = matches().slice(0, count);
    if (first && more.length === count - 1) return [first, ...more];
    const output = [...this.stdout, ...this.stderr].join('\n');
    const when = hasEnded() ? 'until it ended' : `within ${LIMIT_MILLIS} ms`;
    throw new Error(`no ${count} ${name} lines like ${pattern} ${when}; output:\n${output}`);
  }

  /** Resolves when the condition holds, which is asked after each line and at the end, or when time is up. */
  async #printed(condition: () => boolean): Promise<void> {
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      this.#wake();
    }, LIMIT_MILLIS);
    while (!condition() && !isLate) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    clearTimeout(limit);
  }

  /** The base URL that the program prints when it listens. */
  async url(): Promise<string> {
    const [base] = await this.line('stdout', /http[s2]?:\S+/);
    return base;
  }

  async endpoint(): Promise<string> {
    const [endpoint] = await this.line('stderr', /http:\S+\/metrics/);
    return endpoint;
  }

  async get(path: string, init?: RequestInit): Promise<{ status: number; body: string }> {
    const response = await fetch(new URL(path, await this.url()), init);
    return { status: response.status, body: await response.text() };
  }

  async scrape(): Promise<string> {
    // Not on a kept connection, which the server may close when the machine is too busy to use it in time.
    return (await fetch(await this.endpoint(), { headers: { connection: 'close' } })).text();
  }

  /** Sends a message, and resolves with the answer. */
  async ask(message: Serializable): Promise<unknown> {
    const answer = once(this.child, 'message');
    this.child.send(message);
    const [said] = await answer;
    return said;
  }

  /** Scrapes until the condition holds. */
  scrapeUntil(condition: (exposition: string) => boolean): Promise<string> {
    return until(String(condition), async () => {
      const exposition = await this.scrape();
      if (condition(exposition)) return exposition;
      throw new Error(`served:\n${exposition}`);
    });
  }

  async end(
    signal: NodeJS.Signals = 'SIGKILL',
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    this.child.kill(signal);
    return this.ended;
  }
}

const running = new Set<AppProcess>();
after(() =>
  Promise.all(
    [...running].map((app) => {
      // Processes that the app has started may end when this channel closes.
      if (app.child.connected) app.child.disconnect();
      return app.end();
    }),
  ),
);

/** The samples of one metric in a text exposition, by their label text. */
export function samples(exposition: string, metric: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of exposition.split('\n')) {
    const match = line.match(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/);
    if (match?.[1] === metric) found[match[2] ?? ''] = Number(match[3]);
  }
  return found;
}

/** Requests counted by `METHOD route status`, from a text exposition; `-` where a label is absent. */
export function requestCounts(exposition: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [labels, value] of Object.entries(
    samples(exposition, 'http_server_request_duration_seconds_count'),
  )) {
    const label = (name: string): string => labels.match(new RegExp(`(?:^|,)${name}="([^"]*)"`))?.[1] ?? '-';
    counts[`${label('http_request_method')} ${label('http_route')} ${label('http_response_status_code')}`] =
      value;
  }
  return counts;
}
