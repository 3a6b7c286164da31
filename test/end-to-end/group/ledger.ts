import type { AppProcess } from '../../app-process.ts';
import { type Kind, nameOf, request } from './load.ts';

/** Milliseconds that a killed process may lose. */
const LOST_MILLIS = 1000;

export interface Pause {
  readonly from: number;
  to: number;
  /** Whether the process owned the port. */
  readonly owner: boolean;
}

/** What clients know of one process. */
export class Account {
  readonly app: AppProcess;
  readonly pauses: Pause[] = [];
  readonly #url: string;
  readonly #answered: { readonly kind: Kind; readonly at: number }[] = [];
  readonly #unanswered: Kind[] = [];
  readonly #sent = new Set<Promise<void>>();
  #killedAt: number | undefined;

  constructor(app: AppProcess, url: string) {
    this.app = app;
    this.#url = url;
  }

  get paused(): boolean {
    return this.pauses.at(-1)?.to === Number.POSITIVE_INFINITY;
  }

  send(kind: Kind): void {
    const sent = request(this.#url, kind).then(
      () => void this.#answered.push({ kind, at: performance.now() }),
      () => void this.#unanswered.push(kind),
    );
    this.#sent.add(sent);
    void sent.then(() => this.#sent.delete(sent));
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await Promise.all(this.#sent);
  }

  pause(owner: boolean): void {
    this.pauses.push({ from: performance.now(), to: Number.POSITIVE_INFINITY, owner });
    this.app.child.kill('SIGSTOP');
  }

  resume(): void {
    const last = this.pauses.at(-1);
    if (last !== undefined) last.to = performance.now();
    this.app.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#killedAt = performance.now();
    await this.app.end('SIGKILL');
    await this.settled();
  }

  /** Requests by name: how many at least, and at most, have to be counted; added to those of other processes. */
  bounds(bounds = new Map<string, { least: number; most: number }>()): typeof bounds {
    const add = (kind: Kind, least: number, most: number): void => {
      const before = bounds.get(nameOf(kind)) ?? { least: 0, most: 0 };
      bounds.set(nameOf(kind), { least: before.least + least, most: before.most + most });
    };
    const safe = this.#safeUntil();
    for (const { kind, at } of this.#answered) add(kind, at < safe ? 1 : 0, 1);
    for (const kind of this.#unanswered) add(kind, 0, 1);
    return bounds;
  }

  get pending(): number {
    return this.#answered.reduce((sum, { kind: { pending = 0 } }) => sum + pending, 0);
  }

  /** The beginning of its last second, in which a process that is stopped does not age. */
  #safeUntil(): number {
    if (this.#killedAt === undefined) return Number.POSITIVE_INFINITY;
    let left = LOST_MILLIS;
    let end = this.#killedAt;
    for (const { from, to } of this.pauses.toReversed()) {
      const ran = end - Math.min(to, end);
      if (ran >= left) break;
      left -= ran;
      end = from;
    }
    return end - left;
  }
}
