import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writeOwner } from '../../../src/group/port/owner.ts';
import { createTaking, ownerPath } from '../../../src/group/port/taking.ts';

const directory = fs.mkdtempSync(join(tmpdir(), 'routemeter-taking-'));
after(() => fs.rmSync(directory, { recursive: true }));

const LIVING = 1;
const DEAD = 2;
const kill = (pid: number): true => {
  if (pid === DEAD) throw Object.assign(new Error('no such process'), { code: 'ESRCH' });
  return true;
};

let endpoints = 0;

/** A process that serves, or did, and what it does when the file appears that asks it to let go. */
function take({
  pid,
  serving = false,
  lets,
}: {
  pid?: number;
  serving?: boolean;
  lets?: 'at once' | 'later';
}) {
  const endpoint = { network: '', host: 'localhost', port: endpoints++ };
  const path = ownerPath(directory, endpoint);
  if (pid !== undefined) {
    const owner = {
      service: 's',
      group: 'g',
      epoch: 'e',
      id: 'i',
      pid,
      format: 2,
      endpoint,
      address: 'loopback',
    };
    writeOwner(fs, path, owner);
  }
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
  const taking = createTaking({ fs: watched, process: { pid: process.pid, kill }, directory, endpoint });
  return { other: taking.take(serving), taken: taking.isTaken(), left: fs.existsSync(path) };
}

describe('the app takes a port that', () => {
  for (const [name, situation, expected] of [
    ['nobody serves', {}, { other: false, taken: true, left: false }],
    ['this process serves', { pid: LIVING, serving: true }, { other: false, taken: true, left: true }],
    ['a process served that has ended', { pid: DEAD }, { other: false, taken: true, left: true }],
    [
      'another lets go of at once',
      { pid: LIVING, lets: 'at once' },
      { other: true, taken: true, left: false },
    ],
    ['another lets go of later', { pid: LIVING, lets: 'later' }, { other: true, taken: true, left: false }],
    ['another never lets go of', { pid: LIVING }, { other: true, taken: true, left: true }],
  ] as const) {
    test(name, () => assert.deepEqual(take(situation), expected));
  }
});
