import { randomBytes } from 'node:crypto';
import type { Scrape } from './scrape.ts';

/** What is known of each request to test/apps/group-app.mjs before it is sent. */
export interface Kind {
  readonly method: string;
  readonly path: string;
  /** As in the label; `-` where there is none. */
  readonly route: string;
  readonly status: number;
  /** Recorded by a histogram of the app. */
  readonly size?: number;
  /** Added to an up-down counter of the app. */
  readonly pending?: number;
}

export const ROUND: readonly Kind[] = [
  { method: 'GET', path: '/items/1', route: '/items/:id', status: 200, size: 1 },
  { method: 'GET', path: '/items/3', route: '/items/:id', status: 200, size: 3 },
  { method: 'GET', path: '/items/9', route: '/items/:id', status: 200, size: 9 },
  { method: 'POST', path: '/orders', route: '/orders', status: 201, pending: 1 },
  { method: 'POST', path: '/orders', route: '/orders', status: 201, pending: 1 },
  { method: 'DELETE', path: '/orders', route: '/orders', status: 204, pending: -1 },
  { method: 'GET', path: '/fail', route: '/fail', status: 500 },
  { method: 'GET', path: '/nowhere', route: '-', status: 404 },
];

/** Requests that any round has. */
export const PER_ROUND = ROUND.length;

/** The settings that the requests need. */
export const LOAD_ENV = { ROUTEMETER_ROUTES: '/items/:id,/orders,/fail,/status/:code' };

/** Upper bounds of the app's histogram, as the app sets them. */
const SIZE_BOUNDS = [1, 2, 4, 8, Number.POSITIVE_INFINITY];

/** What clients have counted, against which a scrape is held. */
export class Tally {
  readonly #requests: Record<string, number> = {};
  readonly #sizes: number[] = [];
  /** By the member that answered: what the retired have added does not count. */
  readonly #pending = new Map<string, number>();

  count(kind: Kind, member: string): void {
    const { size, pending = 0 } = kind;
    const name = nameOf(kind);
    this.#requests[name] = (this.#requests[name] ?? 0) + 1;
    if (size !== undefined) this.#sizes.push(size);
    this.#pending.set(member, (this.#pending.get(member) ?? 0) + pending);
  }

  /** @param pid of a process that has ended */
  forget(pid: number | undefined): void {
    for (const member of this.#pending.keys()) if (member.startsWith(`${pid}-`)) this.#pending.delete(member);
  }

  get expected(): Pick<Scrape, 'requests' | 'pending' | 'sizes'> {
    return {
      requests: { ...this.#requests },
      pending: [...this.#pending.values()].reduce((a, b) => a + b, 0),
      sizes: {
        count: this.#sizes.length,
        sum: this.#sizes.reduce((a, b) => a + b, 0),
        buckets: SIZE_BOUNDS.map((bound) => this.#sizes.filter((size) => size <= bound).length),
      },
    };
  }
}

export interface LoadOptions {
  /** Rounds of eight requests each, which are sent at once. One by default. */
  readonly rounds?: number;
  /** Milliseconds for which each request holds the event loop; none by default. */
  readonly busy?: number;
}

/**
 * Sends requests of every kind, each on a connection of its own.
 *
 * @param url of the app
 * @returns who answered
 */
export async function send(
  url: string,
  tally: Tally,
  { rounds = 1, busy = 0 }: LoadOptions = {},
): Promise<Set<string>> {
  const members = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    await Promise.all(
      ROUND.map(async (kind) => {
        const member = await request(url, kind, busy);
        tally.count(kind, member);
        members.add(member);
      }),
    );
  }
  return members;
}

/**
 * @param url of the app
 * @param busy milliseconds for which it holds the event loop
 * @returns who answered; rejects when nobody did
 */
export async function request(url: string, { method, path, status }: Kind, busy = 0): Promise<string> {
  const response = await fetch(new URL(`${path}?busy=${busy}`, url), {
    method,
    headers: { connection: 'close' },
  });
  await response.arrayBuffer();
  if (response.status !== status) throw new Error(`${path} was answered with ${response.status}`);
  return response.headers.get('x-member') ?? '';
}

/** As {@link Scrape.requests} names it. */
export const nameOf = ({ method, route, status }: Kind): string => `${method} ${route} ${status}`;

/** A name that no other test has. */
export const uniqueService = (): string => `group-${randomBytes(4).toString('hex')}`;
