import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LONG, SEED } from '../../length.ts';
import { ownerOf } from './folder.ts';
import { Account, type Pause } from './ledger.ts';
import { ROUND } from './load.ts';
import { watchTotals } from './monotonic.ts';
import { bound, TestedGroup } from './tested-group.ts';

const SECONDS = LONG ? 60 : 3;

/** Processes at a time. */
const MOST = 6;
/** Milliseconds between two requests. */
const LOAD_EVERY = 15;

/** The same numbers for the same seed: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ACTIONS = ['start', 'start', 'end', 'kill', 'pause'] as const;

class Driver {
  readonly group: TestedGroup;
  readonly living: Account[] = [];
  readonly ended: Account[] = [];
  /** The actions so far. What they are depends on the seed alone, not on how long anything takes. */
  readonly actions: string[] = [];
  readonly #draw = drawing(SEED);
  /** How many more actions each that is stopped waits for. */
  readonly #rest = new Map<Account, number>();
  readonly #draining = new Set<Account>();
  /** When all living processes were stopped, so that none could take over. */
  readonly #standstills: Pause[] = [];

  constructor(group: TestedGroup) {
    this.group = group;
  }

  /** When nobody can serve, because the owner of the port is stopped or no process runs. */
  get pauses(): Pause[] {
    return [...[...this.living, ...this.ended].flatMap(({ pauses }) => pauses), ...this.#standstills];
  }

  get #running(): Account[] {
    return this.living.filter((account) => !account.paused);
  }

  async start(): Promise<void> {
    const app = await this.group.start();
    this.living.push(new Account(app, await app.url()));
    this.#goOn();
  }

  /** One request to one that runs. */
  load(): void {
    const running = this.#running.filter((account) => !this.#draining.has(account));
    const kind = ROUND[randomInt(ROUND.length)];
    if (kind && running.length > 0) running[randomInt(running.length)]?.send(kind);
  }

  async act(): Promise<void> {
    this.#resume();
    const action = ACTIONS[this.#draw(ACTIONS.length)] ?? 'start';
    const wait = this.#draw(300);
    const rest = 1 + this.#draw(4);
    // Half of the time it is the owner of the port, whichever process that is.
    const chosen = this.#draw(2 * MOST);
    const running = this.#running;
    // A process that is stopped lives, and what a killed one has left goes on with it.
    const few = this.living.length < 2 || running.length < (action === 'kill' ? 1 : 2);
    if (few || (action === 'start' && this.living.length < MOST)) {
      this.actions.push('start');
      await this.start();
    } else if (action !== 'start') {
      const which = chosen < MOST ? chosen % running.length : 'owner';
      this.actions.push(`${action} ${which}`);
      const owner = running.find(({ app }) => app.child.pid === ownerOf(this.group.service)?.pid);
      const account = (which === 'owner' ? owner : running[which]) ?? running[0];
      assert.ok(account);
      if (action === 'pause') {
        this.#rest.set(account, rest);
        account.pause(account === owner);
      } else await this.#end(account, action);
    }
    await delay(wait);
  }

  /** Lets those go on that have waited long enough; all of them at the end. */
  #resume(all = false): void {
    for (const [account, rest] of this.#rest) {
      this.#rest.set(account, rest - 1);
      if (rest > 1 && !all) continue;
      this.#rest.delete(account);
      account.resume();
      this.#goOn();
    }
  }

  #goOn(): void {
    const last = this.#standstills.at(-1);
    if (last?.to === Number.POSITIVE_INFINITY) last.to = performance.now();
  }

  async finish(): Promise<void> {
    this.#resume(true);
    await Promise.all(this.living.map((account) => account.settled()));
  }

  async #end(account: Account, how: 'end' | 'kill'): Promise<void> {
    if (how === 'kill') {
      if (this.#running.length === 1) {
        this.#standstills.push({ from: performance.now(), to: Number.POSITIVE_INFINITY, owner: true });
      }
      await account.kill();
    } else {
      // As a load balancer does.
      this.#draining.add(account);
      await account.settled();
      await account.app.end('SIGTERM');
    }
    this.living.splice(this.living.indexOf(account), 1);
    this.ended.push(account);
  }
}

test(`processes that are started, ended, killed and stopped at random, seed ${SEED}`, {
  ...bound,
  timeout: SECONDS * 1000 + 50_000,
}, async (t: TestContext) => {
  const group = await TestedGroup.create();
  const driver = new Driver(group);
  t.after(() => {
    for (const account of driver.living) account.resume();
  });
  t.diagnostic(`TEST_SEED=${SEED}`);
  await driver.start();
  await driver.start();

  const load = setInterval(() => driver.load(), LOAD_EVERY);
  const watch = watchTotals(group.endpoint, () => driver.pauses);
  try {
    const until = performance.now() + SECONDS * 1000;
    while (performance.now() < until && watch.failure === undefined) await driver.act();
  } finally {
    clearInterval(load);
    await driver.finish();
    await watch.end();
    t.diagnostic(`${driver.actions.length} actions: ${driver.actions.join(', ')}`);
    t.diagnostic(`${watch.scrapes} scrapes, none for ${Math.round(watch.longestGap)} ms at the longest`);
  }
  assert.equal(watch.failure, undefined);

  const { living, ended } = driver;
  const scraped = await group.scrapeUntil({
    members: living.length,
    fresh: living.length,
    retired: ended.length,
  });
  const bounds: ReturnType<Account['bounds']> = new Map();
  for (const account of [...living, ...ended]) account.bounds(bounds);
  for (const [name, { least, most }] of bounds) {
    const count = scraped.requests[name] ?? 0;
    t.diagnostic(`${name}: ${count}, of ${least} to ${most}`);
    assert.ok(count >= least && count <= most, `${name}: ${count}, not ${least} to ${most}`);
  }
  assert.ok(bounds.size === new Set(Object.keys(scraped.requests)).size, 'nothing else is counted');
  assert.equal(
    scraped.pending,
    living.reduce((sum, { pending }) => sum + pending, 0),
  );
});
