import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import { listenAsMember } from '../../src/group/members/member-socket.ts';
import { createSurvey, type SurveyOptions } from '../../src/group/members/survey.ts';
import { createStateFiles } from '../../src/group/state/files.ts';
import { createGuard } from '../../src/guest/guard.ts';
import { createLog } from '../../src/guest/log.ts';
import { until } from '../until.ts';
import { folderOf, guardOf } from './members/sockets.ts';
import { createRecorder, readableState } from './recorded.ts';

export const EPOCH = 'a1b2c3d4e5f6';

/** An epoch's folder, what was logged in it, and how many members it had. */
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

/** A member that has written so many requests and was killed. */
export async function startKilled(t: TestContext, place: Place, count = 0, attributes?: Attributes) {
  const member = await startMember(t, place);
  member.requests.add(count, attributes);
  await member.write();
  member.kill();
}

/** The survey of an owner, which has requests of its own. */
export function startSurvey(
  t: TestContext,
  place: Place,
  options: Partial<Pick<SurveyOptions, 'fs' | 'cardinalityLimit' | 'aggregationOf'>> = {},
) {
  const log = createLog('debug', (line) => place.said.push(line));
  const own = createRecorder();
  const survey = createSurvey({
    fs,
    guard: createGuard(log),
    log,
    place: place.path,
    epoch: EPOCH,
    id: () => '4242-0-0123abcd',
    aggregationOf: () => 'sum',
    cardinalityLimit: 2000,
    ...options,
  });
  t.after(() => survey.close());
  const metrics = async () => readableState((await survey.total(() => own.state())).state);
  /** Requests of all, members, fresh and retired. */
  const counts = async (): Promise<readonly number[]> => {
    const { state, members, fresh, retired } = await survey.total(() => own.state());
    return [Number(readableState(state).requests?.['{}'] ?? 0), members, fresh, retired];
  };
  return {
    ...survey,
    get others() {
      return survey.others;
    },
    own,
    metrics,
    counts,
    /** Waits until the counts are these, and has them twice. */
    async comesTo(...expected: readonly number[]) {
      await until(async () => (await counts()).join() === expected.join());
      assert.deepEqual(await counts(), expected);
    },
  };
}

export const namesIn = (place: Place): string[] => fs.readdirSync(place.path).sort();
