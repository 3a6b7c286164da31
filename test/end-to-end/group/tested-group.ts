import assert from 'node:assert/strict';
import { after } from 'node:test';
import { type AppOptions, AppProcess } from '../../app-process.ts';
import { freePort } from '../../ports.ts';
import { removeFolder } from './folder.ts';
import { LOAD_ENV, type LoadOptions, send, Tally, uniqueService } from './load.ts';
import { type Condition, type Scrape, scrape, scrapeUntil } from './scrape.ts';

/** Of every test here. */
export const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

/** A line that tells where a member's app listens, and who it is: its process and its thread. */
export const LISTENS = /^(http:\S+) (\d+)-(\d+)$/;
/** A line that tells where the metrics are; the process that serves them if it is another one. */
export const MEASURES = /^routemeter: measuring .*: (http:\S+\/metrics)(?:, served by process (\d+))?$/;

export interface Listener {
  readonly url: string;
  readonly pid: number;
  readonly thread: number;
}

const services = new Set<string>();
// Later than what ends the processes, which leave what is theirs when they are killed.
after(() => {
  for (const service of services) removeFolder(service);
});

/** A service and a port that no other test has, the processes started with them, and what clients have counted. */
export class TestedGroup {
  readonly service: string;
  readonly port: number;
  readonly endpoint: string;
  readonly env: Readonly<Record<string, string>>;
  readonly tally = new Tally();

  constructor(port: number, service = uniqueService()) {
    this.service = service;
    services.add(service);
    this.port = port;
    this.endpoint = `http://localhost:${port}/metrics`;
    this.env = { ...LOAD_ENV, OTEL_SERVICE_NAME: service, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
  }

  static async create(): Promise<TestedGroup> {
    return new TestedGroup(await freePort());
  }

  launch(program: string, options: AppOptions = {}): AppProcess {
    return new AppProcess(program, { ...options, env: { ...this.env, ...options.env } });
  }

  /** A process of its own, once it is a member. */
  async start(options: AppOptions = {}): Promise<AppProcess> {
    const app = this.launch('group-app.mjs', options);
    const [line] = await app.line('stderr', /^routemeter: (?:measuring|cannot) .*/);
    if (!MEASURES.test(line)) throw new Error(line);
    return app;
  }

  /** The first is the owner of the port. */
  async startMany(count: number): Promise<AppProcess[]> {
    const owner = await this.start();
    const others = await Promise.all(Array.from({ length: count - 1 }, () => this.start()));
    await this.scrapeUntil({ members: count, fresh: count });
    return [owner, ...others];
  }

  async send(app: AppProcess, options?: LoadOptions): Promise<void> {
    await send(await app.url(), this.tally, options);
  }

  /** The process has ended: what it had pending no longer counts. */
  forget(app: AppProcess): void {
    this.tally.forget(app.child.pid);
  }

  scrape(): Promise<Scrape> {
    return scrape(this.endpoint);
  }

  scrapeUntil(condition: Condition): Promise<Scrape> {
    return scrapeUntil(this.endpoint, condition);
  }

  /** The same, and compares what is served then with what clients have counted. */
  async exact(condition: Condition = {}): Promise<Scrape> {
    const scraped = await this.scrapeUntil(condition);
    const { requests, pending, sizes } = scraped;
    assert.deepEqual({ requests, pending, sizes }, this.tally.expected);
    return scraped;
  }
}

/** Where the members that a program has started listen, once that many do. */
export async function listenersOf(app: AppProcess, count: number): Promise<Listener[]> {
  return (await app.lines('stdout', LISTENS, count)).map(listenerOf);
}

/** @param match of {@link LISTENS} */
export function listenerOf([, url = '', pid, thread]: RegExpMatchArray): Listener {
  return { url, pid: Number(pid), thread: Number(thread) };
}

/** What each of that many members says of where its metrics are. */
export async function servedBy(
  app: AppProcess,
  count: number,
): Promise<{ endpoint: string | undefined; pid: number | undefined }[]> {
  const lines = await app.lines('stderr', MEASURES, count);
  return lines.map(([, endpoint, pid]) => ({ endpoint, pid: pid === undefined ? undefined : Number(pid) }));
}
