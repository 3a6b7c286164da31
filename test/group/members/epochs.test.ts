import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { currentEpoch } from '../../../src/group/members/epochs.ts';
import type { FileSystem } from '../../../src/group/state/files.ts';
import { bound, folderOf, startMember } from './sockets.ts';

const [EARLIER, LATER] = ['000000000000', 'ffffffffffff'];

/** A group's folder with these epochs, each with what a process that was killed leaves. */
function groupOf(t: TestContext, epochs: readonly string[]): string {
  const folder = join(folderOf(t), 'group');
  for (const epoch of epochs) {
    fs.mkdirSync(join(folder, epoch), { recursive: true });
    for (const name of ['base', '1-0-0123abcd.keys', '1-0-0123abcd.sock']) {
      fs.writeFileSync(join(folder, epoch, name), 'stale');
    }
  }
  return folder;
}

const listen = (t: TestContext, folder: string, epoch: string) =>
  startMember(t, { path: join(folder, epoch, '2-0-0123abcd.sock') });

describe('the epoch of a group', bound, () => {
  for (const living of [EARLIER, LATER]) {
    test(`continues if a process listens: ${living}; the other one is removed`, async (t) => {
      const folder = groupOf(t, [EARLIER, LATER]);
      await listen(t, folder, living);
      assert.equal(await currentEpoch(fs, folder), living);
      assert.deepEqual(fs.readdirSync(folder), [living]);
      assert.equal(fs.existsSync(join(folder, living, 'base')), true);
    });
  }

  const DEAD: readonly (readonly [what: string, epochs: readonly string[]])[] = [
    ['there is no folder', []],
    ['all are over', [EARLIER, LATER]],
  ];
  for (const [what, epochs] of DEAD) {
    test(`is new and private if ${what}`, async (t) => {
      const folder = groupOf(t, epochs);
      const epoch = await currentEpoch(fs, folder);
      assert.match(epoch, /^[0-9a-f]{12}$/);
      assert.deepEqual(fs.readdirSync(folder), [epoch]);
      assert.deepEqual(fs.readdirSync(join(folder, epoch)), []);
      assert.equal(fs.lstatSync(join(folder, epoch)).mode & 0o7777, 0o700);
    });
  }

  test('is found beside a file, which is removed', async (t) => {
    const folder = groupOf(t, [LATER]);
    fs.writeFileSync(join(folder, 'file'), '');
    await listen(t, folder, LATER);
    assert.equal(await currentEpoch(fs, folder), LATER);
    assert.deepEqual(fs.readdirSync(folder), [LATER]);
  });

  const GONE: readonly (readonly [what: string, remove: (folder: string) => void])[] = [
    ['an epoch', (folder) => fs.rmSync(join(folder, EARLIER), { recursive: true })],
    ['everything', (folder) => fs.rmSync(folder, { recursive: true })],
  ];
  for (const [what, remove] of GONE) {
    test(`is new if the last members have just removed ${what}`, async (t) => {
      const folder = groupOf(t, [EARLIER]);
      const readdirSync = (path: string): string[] => {
        const names = fs.readdirSync(path);
        if (path === folder) remove(folder);
        return names;
      };
      const epoch = await currentEpoch({ ...fs, readdirSync } as unknown as FileSystem, folder);
      assert.deepEqual(fs.readdirSync(folder), [epoch]);
    });
  }

  test('rejects with the error of a folder that cannot be made', async (t) => {
    const folder = join(folderOf(t), 'file', 'group');
    fs.writeFileSync(join(folder, '..'), '');
    await assert.rejects(currentEpoch(fs, folder), { code: 'ENOTDIR' });
  });
});
