import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { send } from './load.ts';
import { bound, listenersOf, servedBy, TestedGroup } from './tested-group.ts';

/** The shell runs the command line twice, and ends both when it is told to end. */
const SHELL = ['sh', '-c', '"$@" & a=$!; "$@" & trap "kill $a $!" TERM; wait; wait', 'sh'];

interface Starter {
  readonly program?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly wrapper?: readonly string[];
  readonly members: number;
  /** Who gets a connection is the system's choice: it may be always the same. */
  readonly partial?: true;
}

const STARTERS: Readonly<Record<string, Starter>> = {
  'a cluster that leaves connections to the system': {
    args: ['cluster', '2'],
    env: { NODE_CLUSTER_SCHED_POLICY: 'none' },
    members: 2,
    partial: true,
  },
  'a worker thread in each worker of a cluster that shares connections out': {
    args: ['cluster-threads', '2'],
    env: { NODE_CLUSTER_SCHED_POLICY: 'rr' },
    members: 4,
  },
  'child_process.fork': { args: ['fork', '2'], members: 2 },
  'a shell': { program: 'group-app.mjs', wrapper: SHELL, members: 2 },
};

describe('one scrape shows what clients have counted, however the processes are started', () => {
  for (const [name, { program = 'group-starter.mjs', members, partial, ...options }] of Object.entries(
    STARTERS,
  )) {
    test(name, bound, async () => {
      const group = await TestedGroup.create();
      const app = group.launch(program, options);
      const listeners = await listenersOf(app, members);
      const lines = await servedBy(app, members);
      await group.scrapeUntil({ members });

      const answered = new Set<string>();
      const urls = new Set(listeners.map(({ url }) => url));
      for (let round = 0; round < 2 || (!partial && answered.size < members && round < 50); round++) {
        for (const url of urls)
          for (const member of await send(url, group.tally, { busy: 2 })) answered.add(member);
      }
      if (!partial) assert.equal(answered.size, members, 'each has answered');
      await group.exact({ members, fresh: members, retired: 0 });
      await group.exact();

      assert.deepEqual(new Set(lines.map(({ endpoint }) => endpoint)), new Set([group.endpoint]));
      assert.equal(lines.filter(({ pid }) => pid === undefined).length, 1, 'one serves');
      const owners = new Set(lines.flatMap(({ pid }) => pid ?? []));
      assert.equal(owners.size, 1, 'the others say which');
      assert.ok(listeners.some(({ pid }) => owners.has(pid)));
      await app.end('SIGTERM');
    });
  }
});
