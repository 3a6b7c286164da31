/** Five workers, started as a user starts them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const START_LIMIT_MILLIS = 30_000;

export interface Shop {
  /** Waits until so many workers have listened. @throws when the server ends, or after 30 s */
  listening(workers: number): Promise<void>;
  /** SIGKILL, for the one that answers the scrapes of all if there is one. */
  killWorker(): void;
  /** Resolves when the workers have ended too. */
  stop(): Promise<void>;
}

export interface ShopOptions {
  /** For Node, before the server's file. */
  readonly preload: readonly string[];
  readonly port: number;
  readonly metricsPort: number;
}

export function startShop({ preload, port, metricsPort }: ShopOptions): Shop {
  const primary: ChildProcess = spawn(process.execPath, [...preload, 'server.cjs'], {
    cwd: FOLDER,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      OTEL_SERVICE_NAME: 'shop',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.once('exit', () => primary.kill('SIGKILL'));
  const workers: number[] = [];
  let serving: number | undefined;
  for (const input of [primary.stdout, primary.stderr]) {
    if (input === null) continue;
    createInterface({ input }).on('line', (line) => {
      const worker = line.match(/^worker (\d+) listens$/)?.[1];
      if (worker !== undefined) workers.push(Number(worker));
      else console.error(line);
      const server = line.match(/served by process (\d+)/)?.[1];
      if (server !== undefined) serving = Number(server);
    });
  }
  return {
    async listening(count) {
      const deadline = Date.now() + START_LIMIT_MILLIS;
      while (workers.length < count) {
        if (primary.exitCode !== null || primary.signalCode !== null) throw new Error('the server ended');
        if (Date.now() > deadline) throw new Error('the workers do not listen');
        await pause(20);
      }
    },
    killWorker() {
      const worker = serving ?? workers[0];
      if (worker !== undefined) process.kill(worker, 'SIGKILL');
    },
    async stop() {
      const closed = once(primary, 'close');
      primary.kill('SIGTERM');
      await closed;
    },
  };
}
