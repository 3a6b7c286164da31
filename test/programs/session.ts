import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { isFree } from '../ports.ts';
import { until } from '../until.ts';
import { converse } from './client.ts';
import { processesAt } from './processes.ts';
import type { Answer, Place, Program } from './program.ts';
import { pathOf, run } from './project.ts';

/** What can be observed of a program from its start to its end. */
export interface Session {
  readonly stdout: string;
  readonly stderr: string;
  readonly answers: readonly Answer[];
  readonly also: readonly string[];
  /** A text exposition, if the program was measured. */
  readonly metrics: string;
  readonly end: { readonly code: number | null; readonly signal: NodeJS.Signals | null };
  /** Files in its home, by relative path. */
  readonly files: readonly string[];
}

export interface Measuring {
  /** The preload's absolute path, which lies outside of the program. */
  readonly register: string;
  /** Whether a scrape has everything that was sent. */
  complete(metrics: string): boolean;
}

/** Starts the program in an empty home, talks to it, ends it, and waits until nothing of it runs. */
export async function session(
  program: Program,
  place: Place,
  metricsPort: number,
  measuring?: Measuring,
): Promise<Session> {
  const { home, project, port, base } = place;
  rmSync(home, { recursive: true, force: true });
  for (const [name, text] of Object.entries({ ...program.files, 'tmp/.keep': '' })) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }

  const [command = '', ...args] = program.command(place);
  const flags = measuring === undefined ? [] : ['--import', measuring.register];
  const isNode = command === 'node';
  const given = program.env?.(place) ?? {};
  const env: Record<string, string> = {
    PATH: pathOf(project),
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    ...given,
    ...(!isNode && { NODE_OPTIONS: [given.NODE_OPTIONS, ...flags].join(' ').trim() }),
  };
  const child = spawn(command, isNode ? [...flags, ...args] : args, {
    cwd: place[program.directory],
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const closed = once(child, 'close');
  const output = (): string => `${stdout}\n${stderr}`;

  const ready = (): Promise<boolean> =>
    program.ready === undefined ? accepts(port) : Promise.resolve(program.ready.test(output()));
  await until(`${program.name} is ready`, ready, 60_000).catch((cause) => {
    throw new Error(`${program.name} is not ready:\n${output()}`, { cause });
  });
  const answers = await converse(base, program.exchanges);
  const also = (await program.also?.(place)) ?? [];

  const metrics = async (): Promise<string> => {
    // Not on a kept connection, which the server may close when the machine is too busy to use it in time.
    const headers = { connection: 'close' };
    return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers })).text();
  };
  let scraped = '';
  if (measuring !== undefined) {
    await until('all is counted', async () => measuring.complete(await metrics()), 10_000).catch(() => {});
    // Once more, in case something is counted twice.
    scraped = await metrics();
  }

  await until(`${program.name} has logged all`, () => program.logged?.(output()) ?? true).catch((cause) => {
    throw new Error(`${program.name} has logged only:\n${output()}`, { cause });
  });
  if (program.end === undefined) child.kill('SIGTERM');
  else await run(project, program.end, env);
  const [code, signal] = await closed;
  await until(`nothing of ${program.name} runs`, () => processesAt(home).size === 0);
  await until(`nothing of ${program.name} listens`, () => isFree(port));

  const files = readdirSync(home, { recursive: true }).map(String).sort();
  return { stdout, stderr, answers, also, metrics: scraped, end: { code, signal }, files };
}

/** Connects, and sends no request. */
async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
