import fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createGroup, type GroupOptions } from '../../src/group/group.ts';
import { atOnce } from '../../src/group/state/slices.ts';
import { createGuard } from '../../src/guest/guard.ts';
import { createLog } from '../../src/guest/log.ts';
import { folderOf } from './members/sockets.ts';
import { createRecorder, readableState } from './recorded.ts';

/** A host: its private folder, and its port with who has it. */
export interface Host {
  readonly directory: string;
  owner: string | undefined;
  processes: number;
  /** How often somebody tried to bind the port. */
  tries: number;
}

export function hostOf(t: TestContext): Host {
  return { directory: join(folderOf(t), 'routemeter-1'), owner: undefined, processes: 0, tries: 0 };
}

export const failure = (code: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: no, never`), { code });

export type Process = ReturnType<typeof startProcess>;

/** A process, but for the process. */
export function startProcess(t: TestContext, host: Host, options: Partial<GroupOptions> = {}) {
  host.processes += 1;
  const name = `process ${host.processes}`;
  const said: string[] = [];
  const log = createLog('warn', (line) => said.push(line));
  const recorder = createRecorder();
  const group = createGroup({
    fs,
    process: { pid: host.processes, kill: process.kill },
    threadId: 0,
    directory: host.directory,
    checkDirectory: () => fs.mkdirSync(host.directory, { recursive: true, mode: 0o700 }),
    service: 'shop',
    endpoint: { network: '', host: 'localhost', port: 9464 },
    unbind: () => {
      host.owner = undefined;
    },
    bind: async () => {
      host.tries += 1;
      if (host.owner !== undefined) return failure('EADDRINUSE');
      host.owner = name;
      return undefined;
    },
    update: async (writer) => void atOnce(writer.update(await recorder.collect(), Date.now() / 1000)),
    aggregationOf: () => 'sum',
    cardinalityLimit: 2000,
    guard: createGuard(log),
    log,
    ...options,
  });
  const requests = recorder.meter.createCounter('requests');
  const end = (): void => {
    group.leave();
    if (host.owner === name) host.owner = undefined;
  };
  t.after(end);
  return {
    group,
    name,
    said,
    meter: recorder.meter,
    /** Joins, with so many requests. */
    async join(count = 0) {
      requests.add(count);
      return (await group.join()).role;
    },
    request: (count = 1) => requests.add(count),
    /** Requests, living members, and those who have ended. */
    async counts() {
      const { state, members, retired } = await group.total();
      return [Number(readableState(state).requests?.['{}'] ?? 0), members, retired] as const;
    },
    serves: () => host.owner === name,
    end,
  };
}

/** Everything that is in the host's folder, if there is one. */
export const filesOf = (host: Host): string[] =>
  fs.existsSync(host.directory) ? fs.readdirSync(host.directory, { recursive: true }).map(String).sort() : [];
