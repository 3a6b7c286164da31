import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { send } from './load.ts';
import { counted, listenersOf, servedBy, TestedGroup } from './tested-group.ts';

const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

/** The shell runs the command line three times, and ends them when it is told to end. */
const SHELL = ['sh', '-c', '"$@" & a=$!; "$@" & b=$!; "$@" & trap "kill $a $b $!" TERM; wait; wait', 'sh'];

interface Starter {
  readonly program: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapper?: readonly string[];
  readonly members: number;
  /** Who gets a connection is the system's choice: it may be always the same. */
  readonly partial?: true;
}

const starter = (kind: string, count: number, rest: Partial<Starter> & { members: number }): Starter => ({
  program: 'group-starter.mjs',
  args: [kind, String(count)],
  ...rest,
});

const STARTERS: Readonly<Record<string, Starter>> = {
  'a cluster that shares connections out': starter('cluster', 3, {
    members: 3,
    env: { NODE_CLUSTER_SCHED_POLICY: 'rr' },
  }),
  'a cluster that leaves connections to the system': starter('cluster', 3, {
    members: 3,
    env: { NODE_CLUSTER_SCHED_POLICY: 'none' },
    partial: true,
  }),
  'worker threads and the main thread': starter('threads', 3, { members: 4 }),
  'a worker thread in each worker of a cluster': starter('cluster-threads', 2, { members: 4 }),
  'child_process.fork': starter('fork', 3, { members: 3 }),
  'a shell': { program: 'group-app.mjs', wrapper: SHELL, members: 3 },
};

describe('one scrape says what clients have counted, whoever starts the processes', () => {
  for (const [name, { members, partial, ...start }] of Object.entries(STARTERS)) {
    test(name, bound, async () => {
      const { program, ...options } = start;
      const group = await TestedGroup.create();
      const app = group.launch(program, options);
      const listeners = await listenersOf(app, members);
      const lines = await servedBy(app, members);
      await group.scrapeUntil((scrape) => scrape.members === members);

      const answered = new Set<string>();
      const urls = new Set(listeners.map(({ url }) => url));
      for (let round = 0; round < 5 || (!partial && answered.size < members && round < 50); round++) {
        for (const url of urls)
          for (const member of await send(url, group.tally, { busy: 2 })) answered.add(member);
      }
      if (!partial) assert.equal(answered.size, members, 'each has answered');

      for (const time of ['first', 'second']) {
        const scraped = await group.scrape();
        assert.deepEqual(counted(scraped), group.tally.expected, time);
        assert.deepEqual([scraped.members, scraped.fresh, scraped.retired], [members, members, 0]);
      }

      assert.deepEqual(new Set(lines.map(({ endpoint }) => endpoint)), new Set([group.endpoint]));
      assert.equal(lines.filter(({ pid }) => pid === undefined).length, 1, 'one serves');
      const serving = new Set(lines.flatMap(({ pid }) => pid ?? []));
      assert.equal(serving.size, 1, 'the others say which');
      assert.ok(listeners.some(({ pid }) => serving.has(pid)));
      await app.end('SIGTERM');
    });
  }
});
