import fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { listenAsMember } from '../../src/group/members/member-socket.ts';
import { createSurvey, type Survey, type SurveyOptions } from '../../src/group/members/survey.ts';
import type { FileSystem } from '../../src/group/state/files.ts';
import { createStateFiles } from '../../src/group/state/files.ts';
import { createGuard } from '../../src/guest/guard.ts';
import { createLog } from '../../src/guest/log.ts';
import { folderOf, guardOf } from './members/sockets.ts';
import { createRecorder, readableState } from './recorded.ts';

export const EPOCH = 'a1b2c3d4e5f6';

/** An epoch's folder, what its serving process says, and how many members it had. */
export interface Place {
  readonly path: string;
  readonly said: string[];
  members: number;
}

export function placeOf(t: TestContext): Place {
  const path = join(folderOf(t), EPOCH);
  fs.mkdirSync(path, { mode: 0o700 });
  return { path, said: [], members: 0 };
}

export type Member = Awaited<ReturnType<typeof startMember>>;

/** A process of the group, but for the process. */
export async function startMember(t: TestContext, place: Place, onFlush?: () => Promise<void>) {
  place.members += 1;
  const id = `${place.members}-0-0123abcd`;
  const path = join(place.path, id);
  const recorder = createRecorder();
  const files = createStateFiles(fs, path);
  t.after(() => files.close());
  const write = async (): Promise<void> => {
    await recorder.state(place.members);
    files.write(recorder.writer);
  };
  const listening = await listenAsMember({
    path: `${path}.sock`,
    secret: EPOCH,
    guard: guardOf(place.said),
    onFlush: onFlush ?? write,
    onOwnerGone: () => {},
  });
  t.after(() => listening.close());
  return {
    ...recorder,
    id,
    path,
    write,
    requests: recorder.meter.createCounter('requests'),
    /** Nobody listens on the socket any more, and it is still there. */
    kill() {
      fs.linkSync(`${path}.sock`, `${path}.kept`);
      listening.close();
      fs.renameSync(`${path}.kept`, `${path}.sock`);
    },
    leave: () => listening.close(),
  };
}

/** The serving process of a place, with requests of its own. */
export function startServing(
  t: TestContext,
  place: Place,
  options: Partial<Pick<SurveyOptions, 'fs' | 'cardinalityLimit' | 'aggregationOf'>> = {},
) {
  const log = createLog('debug', (line) => place.said.push(line));
  const own = createRecorder();
  const serving = createSurvey({
    fs,
    guard: createGuard(log),
    log,
    place: place.path,
    epoch: EPOCH,
    id: '4242-0-0123abcd',
    aggregationOf: () => 'sum',
    cardinalityLimit: 2000,
    ...options,
  });
  t.after(() => serving.close());
  return { serving, own, total: () => totalOf(serving, own) };
}

export async function totalOf(serving: Survey, own = createRecorder()) {
  const { state, ...counts } = await serving.total(() => own.state());
  return { ...counts, metrics: readableState(state) };
}

/** Requests of all, members, fresh and retired. */
export async function countsOf(serving: Survey): Promise<readonly number[]> {
  const { metrics, members, fresh, retired } = await totalOf(serving);
  return [Number(metrics.requests?.['{}'] ?? 0), members, fresh, retired];
}

export const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

/** A disk that may be full: then no file can be written as a whole. */
export function createBaseDisk() {
  const disk = { full: false };
  const writeFileSync: typeof fs.writeFileSync = (...written) =>
    disk.full ? full() : fs.writeFileSync(...written);
  return { disk, system: { ...fs, writeFileSync } as FileSystem };
}

export const namesIn = (place: Place): string[] => fs.readdirSync(place.path).sort();
