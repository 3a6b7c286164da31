import assert from 'node:assert/strict';
import fs, { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createFileDescriptors, type FileSystem } from '../../../src/instruments/runtime/file-descriptors.ts';

const fail = (): never => {
  throw new Error('no such file');
};

/** A system whose numbers are known. */
function system({ size, entries, limits }: { size?: number; entries?: number; limits?: string }): FileSystem {
  return {
    statSync: () => (size === undefined ? fail() : { size }),
    readFileSync: () => limits ?? fail(),
    promises: {
      readdir: async () => (entries === undefined ? fail() : Array.from({ length: entries }, String)),
    },
  } as unknown as FileSystem;
}

const HEAD = 'Limit                     Soft Limit           Hard Limit           Units     \n';

describe('the number of open file descriptors', () => {
  const cases: readonly (readonly [what: string, Parameters<typeof system>[0], number | undefined])[] = [
    ['is the size of their folder', { size: 22, entries: 99 }, 22],
    ['is that of the list, without its own, before Linux 6.2', { size: 0, entries: 23 }, 22],
    ['is unknown where there is no such folder', {}, undefined],
    ['is unknown where the folder may not be listed', { size: 0 }, undefined],
  ];
  for (const [what, given, expected] of cases) {
    it(what, async () => assert.equal(await createFileDescriptors(system(given)).open(), expected));
  }
});

describe('the limit of file descriptors', () => {
  const cases: readonly (readonly [what: string, string | undefined, number | undefined])[] = [
    [
      'is the soft one',
      `${HEAD}Max open files            1024                 524288               files`,
      1024,
    ],
    [
      'is unknown if there is none',
      `${HEAD}Max open files            unlimited            unlimited`,
      undefined,
    ],
    ['is unknown if it is not told', HEAD, undefined],
    ['is unknown where there is no such file', undefined, undefined],
  ];
  for (const [what, limits, expected] of cases) {
    it(what, () =>
      assert.equal(createFileDescriptors(system(limits === undefined ? {} : { limits })).limit(), expected),
    );
  }
});

describe('on Linux', { skip: process.platform !== 'linux' && 'another system' }, () => {
  const ways: readonly (readonly [string, FileSystem])[] = [
    ['of this version', fs],
    ['before 6.2', { ...fs, statSync: (() => ({ size: 0 })) as unknown as FileSystem['statSync'] }],
  ];
  for (const [version, files] of ways) {
    it(`${version}, ten more open files are ten more`, async () => {
      const { open, limit } = createFileDescriptors(files);
      const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
      const before = (await open()) ?? Number.NaN;
      const opened = Array.from({ length: 10 }, (_, index) => openSync(join(folder, `${index}`), 'w'));
      try {
        assert.equal(await open(), before + opened.length);
        assert.ok((limit() ?? 0) > before);
      } finally {
        opened.forEach(closeSync);
        rmSync(folder, { recursive: true });
      }
    });
  }
});
