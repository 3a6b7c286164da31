import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { ownerPath, writeOwner } from '../../../src/group/port/owner.ts';
import { createTaking } from '../../../src/group/port/taking.ts';
import { folderOf } from '../members/sockets.ts';
import { ownerOf } from '../owners.ts';

const LIVING = 1;
const DEAD = 2;
const kill = (pid: number): true => {
  if (pid === DEAD) throw Object.assign(new Error('no such process'), { code: 'ESRCH' });
  return true;
};

interface Situation {
  /** The process that says that it owns the port. */
  readonly pid?: number;
  /** Whether this process has bound it. */
  readonly bound?: boolean;
  /** When the owner lets go, once the file is there that asks it to. */
  readonly lets?: 'at once' | 'later';
}

function take(t: TestContext, { pid, bound = false, lets }: Situation) {
  const directory = folderOf(t);
  const place = { network: '', host: 'localhost', port: 9464 };
  const path = ownerPath(directory, place);
  if (pid !== undefined) writeOwner(fs, path, ownerOf({ pid }));
  let looks = 0;
  const watched: typeof fs = {
    ...fs,
    writeFileSync(...args) {
      fs.writeFileSync(...args);
      if (lets === 'at once') fs.rmSync(path);
    },
    existsSync(file) {
      if (lets === 'later' && looks++ === 3) fs.rmSync(path);
      return fs.existsSync(file);
    },
  };
  const host = { fs: watched, process: { pid: process.pid, kill } };
  const taking = createTaking({ host, directory, place, patienceMillis: 20 });
  return { other: taking.take(bound), taken: taking.isTaken(), left: fs.existsSync(path) };
}

describe('the app takes a port that', () => {
  const cases: readonly (readonly [name: string, situation: Situation, other: boolean, left: boolean])[] = [
    ['nobody owns', {}, false, false],
    ['this process owns', { pid: LIVING, bound: true }, false, true],
    ['a process owned that has ended', { pid: DEAD }, false, true],
    ['another lets go of at once', { pid: LIVING, lets: 'at once' }, true, false],
    ['another lets go of later', { pid: LIVING, lets: 'later' }, true, false],
    ['another never lets go of', { pid: LIVING }, true, true],
  ];
  for (const [name, situation, other, left] of cases) {
    test(name, (t) => assert.deepEqual(take(t, situation), { other, taken: true, left }));
  }
});
