import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  type DirectoryOptions,
  LONGEST_SOCKET_PATH,
  privateDirectory,
} from '../../../src/group/members/directory.ts';
import { folderOf } from './sockets.ts';

type FileSystem = DirectoryOptions['fs'];

const ME = process.getuid?.();
const unix = ME === undefined ? { skip: 'no user ids' } : {};

const [SHM, RUNTIME, TEMPORARY] = ['/dev/shm', '/run/user/1000', '/tmp'];
const BASES = [SHM, RUNTIME, TEMPORARY];
const NAME = `routemeter-${ME}`;
const OURS = `${TEMPORARY}/${NAME}`;
/** Where only the temporary folder is tried. */
const ONLY_TEMPORARY = { platform: 'darwin', runtimeDirectory: undefined } as const;

/** A real folder taken for `/`, with the three bases in it. */
function rootOf(t: TestContext) {
  const folder = folderOf(t);
  const real = (path: unknown): string => join(folder, String(path));
  for (const base of BASES) fs.mkdirSync(real(base), { recursive: true });
  const system = {
    mkdirSync: (path: fs.PathLike, options?: fs.MakeDirectoryOptions) => fs.mkdirSync(real(path), options),
    statSync: (path: fs.PathLike) => fs.statSync(real(path)),
    lstatSync: (path: fs.PathLike) => fs.lstatSync(real(path)),
    writeFileSync: (path: fs.PathOrFileDescriptor, data: string, options?: fs.WriteFileOptions) =>
      fs.writeFileSync(real(path), data, options),
    rmSync: (path: fs.PathLike, options?: fs.RmOptions) => fs.rmSync(real(path), options),
    rmdirSync: (path: fs.PathLike) => fs.rmdirSync(real(path)),
  } as FileSystem;
  const choose = (changes: Partial<DirectoryOptions> = {}, faults: Partial<FileSystem> = {}) =>
    privateDirectory({
      uid: ME,
      platform: 'linux',
      runtimeDirectory: RUNTIME,
      temporaryDirectory: TEMPORARY,
      fs: { ...system, ...faults },
      ...changes,
    });
  return { real, system, choose };
}

/** What Node's functions throw, for example for `EROFS: read-only file system`. */
function failing(problem: string): () => never {
  return () => {
    throw Object.assign(new Error(`${problem}, call '${OURS}'`), { code: problem.split(':')[0] });
  };
}

function makeWithMode(path: string, mode: number): void {
  fs.mkdirSync(path);
  fs.chmodSync(path, mode);
}

describe('the private folder', unix, () => {
  test('is made so that only its owner can enter, and found again with what is in it', (t) => {
    const { real, choose } = rootOf(t);
    assert.deepEqual(choose(ONLY_TEMPORARY), { path: OURS });
    assert.equal(fs.lstatSync(real(OURS)).mode & 0o7777, 0o700);
    assert.deepEqual(fs.readdirSync(real(OURS)), []);
    fs.writeFileSync(real(`${OURS}/owner.json`), '{}');
    assert.deepEqual(choose(ONLY_TEMPORARY), { path: OURS });
    assert.deepEqual(fs.readdirSync(real(OURS)), ['owner.json']);
  });

  const accepted: [name: string, prepare: (path: string) => void][] = [
    ['inherits the group of its base', (path) => makeWithMode(path, 0o2700)],
    [
      'is in a base that all may write, with the sticky bit',
      (path) => fs.chmodSync(join(path, '..'), 0o1777),
    ],
    ['is in a base that a group may write', (path) => fs.chmodSync(join(path, '..'), 0o775)],
  ];
  for (const [name, prepare] of accepted) {
    test(name, (t) => {
      const { real, choose } = rootOf(t);
      prepare(real(OURS));
      assert.deepEqual(choose(ONLY_TEMPORARY), { path: OURS });
    });
  }

  const cases: [what: string, make: (path: string) => void, reason: string][] = [
    ['that others may enter', (path) => makeWithMode(path, 0o701), 'is open to others (mode 701)'],
    ['that its group may read', (path) => makeWithMode(path, 0o740), 'is open to others (mode 740)'],
    ['that all may write', (path) => makeWithMode(path, 0o1777), 'is open to others (mode 1777)'],
    ['that is a file', (path) => fs.writeFileSync(path, '', { mode: 0o700 }), 'is not a directory'],
    [
      'that is a link to a private folder',
      (path) => {
        fs.mkdirSync(`${path}-elsewhere`, { mode: 0o700 });
        fs.symlinkSync(`${path}-elsewhere`, path);
      },
      'is a symbolic link',
    ],
    [
      'that belongs to another user',
      (path) => {
        makeWithMode(path, 0o700);
        fs.chownSync(path, 1001, 1001);
      },
      'belongs to user 1001',
    ],
  ];
  for (const [what, make, reason] of cases) {
    const skip = ME !== 0 && reason.startsWith('belongs') && 'only root can give a folder away';
    test(`is left alone and not used ${what}`, { skip }, (t) => {
      const { real, choose } = rootOf(t);
      make(real(OURS));
      const before = fs.lstatSync(real(OURS));
      assert.deepEqual(choose(ONLY_TEMPORARY), { problem: `${OURS} ${reason}` });
      const after = fs.lstatSync(real(OURS));
      assert.deepEqual([after.ino, after.mode, after.uid], [before.ino, before.mode, before.uid]);
      assert.equal(after.mtimeMs, before.mtimeMs, 'nothing was put into it');
    });
  }
});

describe('a base does not do', unix, () => {
  const faults: [why: string, call: keyof FileSystem, problem: string, verb: string][] = [
    ['that is read-only', 'mkdirSync', 'EROFS: read-only file system', 'made'],
    ['in which our folder may not be looked at', 'lstatSync', 'EACCES: permission denied', 'found'],
    ['in which our folder may not be written', 'writeFileSync', 'EACCES: permission denied', 'written'],
  ];
  for (const [why, call, problem, verb] of faults) {
    test(why, (t) => {
      const chosen = rootOf(t).choose(ONLY_TEMPORARY, { [call]: failing(problem) });
      assert.deepEqual(chosen, { problem: `${OURS} cannot be ${verb} (${problem})` });
    });
  }

  const bases: [why: string, temporaryDirectory: string, problem: string][] = [
    ['that is not there', '/gone', '/gone cannot be found (ENOENT: no such file or directory)'],
    ['whose path depends on the working directory', 'tmp', 'tmp is not an absolute path'],
    ['in which others could replace ours', '/open', '/open lets others rename what is in it (mode 777)'],
  ];
  for (const [why, temporaryDirectory, problem] of bases) {
    test(why, (t) => {
      const { real, choose } = rootOf(t);
      makeWithMode(real('/open'), 0o777);
      assert.deepEqual(choose({ ...ONLY_TEMPORARY, temporaryDirectory }), { problem });
      assert.deepEqual(fs.readdirSync(real('/open')), []);
    });
  }

  for (const letter of ['x', 'é']) {
    test(`whose path, of ${Buffer.byteLength(letter)} bytes a letter, leaves no room for a socket`, (t) => {
      const longest = LONGEST_SOCKET_PATH - 52;
      const letters = Math.floor((longest - `//${NAME}`.length) / Buffer.byteLength(letter));
      for (const fits of [true, false]) {
        const { real, choose } = rootOf(t);
        const base = `/${letter.repeat(letters + (fits ? 0 : 1))}`;
        fs.mkdirSync(real(base));
        const path = `${base}/${NAME}`;
        assert.deepEqual(
          choose({ ...ONLY_TEMPORARY, temporaryDirectory: base }),
          fits ? { path } : { problem: `${path} is longer than ${longest} bytes` },
        );
        assert.deepEqual(fs.readdirSync(real(base)), fits ? [NAME] : []);
      }
    });
  }
});

describe('the order', unix, () => {
  const cases: [name: string, changes: Partial<DirectoryOptions>, blocked: string[], chosen?: string][] = [
    ['on Linux begins with shared memory', {}, [], SHM],
    ['goes on with the runtime directory', {}, [SHM], RUNTIME],
    ['ends with the temporary folder', {}, [SHM, RUNTIME], TEMPORARY],
    ['ends without one', {}, [SHM, RUNTIME, TEMPORARY]],
    ['elsewhere begins with the runtime directory', { platform: 'darwin' }, [], RUNTIME],
    ['passes over a runtime directory that is not set', { runtimeDirectory: undefined }, [SHM], TEMPORARY],
    ['passes over a runtime directory that is empty', { runtimeDirectory: '' }, [SHM], TEMPORARY],
    ['names a base that comes twice once', { temporaryDirectory: SHM }, [SHM, RUNTIME]],
  ];
  for (const [name, changes, blocked, chosen] of cases) {
    test(name, (t) => {
      const { real, choose } = rootOf(t);
      for (const base of blocked) fs.writeFileSync(real(`${base}/${NAME}`), '');
      const problem = blocked.map((base) => `${base}/${NAME} is not a directory`).join('; ');
      assert.deepEqual(choose(changes), chosen === undefined ? { problem } : { path: `${chosen}/${NAME}` });
      for (const base of BASES.filter((each) => each !== chosen && !blocked.includes(each))) {
        assert.deepEqual(fs.readdirSync(real(base)), [], `${base} is not touched`);
      }
    });
  }
});

describe('a full disk', unix, () => {
  const ENOSPC = 'ENOSPC: no space left on device';
  const reason = `cannot be written (${ENOSPC})`;
  const full = failing(ENOSPC);

  test('with our folder ends the search, because the others are there', (t) => {
    const { real, choose } = rootOf(t);
    fs.mkdirSync(real(`${SHM}/${NAME}`), { mode: 0o700 });
    assert.deepEqual(choose({}, { writeFileSync: full }), { problem: `${SHM}/${NAME} ${reason}` });
    assert.deepEqual(fs.readdirSync(real(RUNTIME)), []);
  });

  test('without it is passed over and left as it was, though it takes empty files', (t) => {
    const { real, system, choose } = rootOf(t);
    const writeFileSync: FileSystem['writeFileSync'] = (path, data, options) => {
      system.writeFileSync(path, '', options);
      if (data.toString() !== '') full();
    };
    const problem = BASES.map((base) => `${base}/${NAME} ${reason}`).join('; ');
    assert.deepEqual(choose({}, { writeFileSync }), { problem });
    for (const base of BASES) assert.deepEqual(fs.readdirSync(real(base)), []);
  });
});

test('a system without user ids, or Unix sockets, has no such folder', (t) => {
  const { real, choose } = rootOf(t);
  const problem = 'groups of processes need Unix sockets and user ids, which this system lacks';
  assert.deepEqual(choose({ uid: undefined }), { problem });
  assert.deepEqual(choose({ uid: 0, platform: 'win32' }), { problem });
  assert.deepEqual(fs.readdirSync(real(TEMPORARY)), []);
});
