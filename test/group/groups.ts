import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import { createGroup } from '../../src/group/group.ts';
import type { GroupOptions, Host, SharedEndpoint } from '../../src/group/types.ts';
import { createGuard } from '../../src/guest/guard.ts';
import { createLog } from '../../src/guest/log.ts';
import { endingSeries } from '../ending-series.ts';
import { until } from '../until.ts';
import { folderOf } from './members/sockets.ts';
import { createRecorder, ownReader, readable } from './recorded.ts';

/** Short, because nothing here is slow. */
const TIMES = { tick: 50, settle: 300, retry: 20 };

/** A machine: its private folder, and the port with its owner. */
export interface Machine {
  readonly directory: string;
  owner: string | undefined;
  processes: number;
  /** How often a process tried to bind the port. */
  tries: number;
}

export function machineOf(t: TestContext): Machine {
  return { directory: join(folderOf(t), 'routemeter-1'), owner: undefined, processes: 0, tries: 0 };
}

export const failure = (code: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: no, never`), { code });

/** A way to bind the port that takes until it is told to succeed. */
export function createSlowBind() {
  let succeed = (): void => {};
  const bound = new Promise<undefined>((resolve) => {
    succeed = () => resolve(undefined);
  });
  return { bind: () => bound, succeed };
}

/** A file system in which some calls are others. */
export const withFaults = (faults: Partial<typeof fs>): typeof fs => ({ ...fs, ...faults });

export type Process = ReturnType<typeof startProcess>;

interface Given
  extends Partial<Pick<Host, 'fs' | 'findDirectory' | 'lookup'>>,
    Partial<Pick<SharedEndpoint, 'bind'>> {
  readonly service?: string;
  /** The host of the endpoint. */
  readonly on?: string;
  readonly times?: GroupOptions['times'];
  readonly cardinalityLimit?: number;
  readonly seriesTtlMillis?: number;
  readonly mostEnded?: number;
}

/** A process, but for the process. */
export function startProcess(
  t: TestContext,
  machine: Machine,
  { fs: system = fs, service = 'shop', on = 'localhost', ...given }: Given = {},
) {
  machine.processes += 1;
  const name = `process ${machine.processes}`;
  const said: string[] = [];
  const log = createLog('warn', (line) => said.push(line));
  const { meter, collect } =
    given.seriesTtlMillis === undefined ? createRecorder() : createEndingRecorder(given.seriesTtlMillis);
  const group = createGroup({
    host: {
      fs: system,
      process: { pid: machine.processes, kill: process.kill },
      threadId: 0,
      network: '',
      findDirectory() {
        fs.mkdirSync(machine.directory, { recursive: true, mode: 0o700 });
        return { path: machine.directory };
      },
      lookup: async () => undefined,
      ...given,
    },
    directory: machine.directory,
    service,
    endpoint: {
      host: on,
      port: 9464,
      async bind() {
        machine.tries += 1;
        if (machine.owner !== undefined) return failure('EADDRINUSE');
        machine.owner = name;
        return undefined;
      },
      unbind() {
        machine.owner = undefined;
      },
      ...given,
    },
    own: ownReader(collect),
    labels: {},
    resourceAttributes: {},
    aggregationOf: () => 'sum',
    perProcess: false,
    cardinalityLimit: given.cardinalityLimit ?? 2000,
    seriesTtlMillis: given.seriesTtlMillis,
    ...(given.mostEnded !== undefined && { mostEnded: given.mostEnded }),
    guard: createGuard(log),
    log,
    times: { ...TIMES, ...given.times },
  });
  const requests = meter.createCounter('requests');
  const end = (): void => {
    group.leave();
    if (machine.owner === name) machine.owner = undefined;
  };
  t.after(end);
  const served = async () => readable(await group.collect());
  /** Requests, living members, and retired ones. */
  const counts = async (): Promise<readonly number[]> => {
    const metrics = await served();
    return ['requests', 'routemeter.group.members', 'routemeter.group.members.retired'].map((name) =>
      Number(metrics[name]?.['{}'] ?? 0),
    );
  };
  return {
    group,
    name,
    said,
    meter,
    /** Joins, with so many requests. */
    async join(count = 0) {
      requests.add(count);
      return (await group.join()).role;
    },
    request: (count = 1) => requests.add(count),
    served,
    counts,
    /** Waits until the counts are these. */
    comesTo: (...expected: readonly [requests: number, members: number, retired: number]) =>
      until(`${name} comes to ${expected}`, async () => {
        assert.deepEqual(await counts(), expected);
        return true;
      }),
    owns: () => machine.owner === name,
    end,
  };
}

/** A process whose series end. */
function createEndingRecorder(ttlMillis: number) {
  const reader = new PullReader();
  const { app } = endingSeries([reader], { ttlMillis, limit: 2000 });
  return {
    meter: app.getMeter('app'),
    collect: async (): Promise<ResourceMetrics> => (await reader.collect()).resourceMetrics,
  };
}

/** Everything that is in the machine's folder, if there is one. */
export const filesOf = ({ directory }: Machine): string[] =>
  fs.existsSync(directory) ? fs.readdirSync(directory, { recursive: true }).map(String).sort() : [];
