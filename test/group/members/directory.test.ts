import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import {
  type DirectoryOptions,
  LONGEST_SOCKET_PATH,
  type PrivateDirectory,
  privateDirectory,
} from '../../../src/group/members/directory.ts';

type FileSystem = DirectoryOptions['fs'];

const ME = process.getuid?.();
const unix = ME === undefined ? { skip: 'no user ids' } : {};
/** The user that may give files away. */
const root = ME === 0 ? {} : { skip: 'only root can give a folder to somebody else' };

const SHM = '/dev/shm';
const RUNTIME = '/run/user/1000';
const TEMPORARY = '/tmp';

/** A real folder taken for `/`, with the three bases in it. */
function rootOf(t: TestContext) {
  const folder = fs.mkdtempSync(join(tmpdir(), 'group-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const real = (path: unknown): string => join(folder, String(path));
  for (const base of [SHM, RUNTIME, TEMPORARY]) fs.mkdirSync(real(base), { recursive: true });
  const system = {
    mkdirSync: (path: fs.PathLike, options?: fs.MakeDirectoryOptions) => fs.mkdirSync(real(path), options),
    statSync: (path: fs.PathLike) => fs.statSync(real(path)),
    lstatSync: (path: fs.PathLike) => fs.lstatSync(real(path)),
    writeFileSync: (path: fs.PathOrFileDescriptor, data: string, options?: fs.WriteFileOptions) =>
      fs.writeFileSync(real(path), data, options),
    rmSync: (path: fs.PathLike, options?: fs.RmOptions) => fs.rmSync(real(path), options),
    rmdirSync: (path: fs.PathLike) => fs.rmdirSync(real(path)),
  } as FileSystem;
  return { real, system };
}

function choose(system: FileSystem, changes: Partial<DirectoryOptions> = {}): PrivateDirectory {
  return privateDirectory({
    uid: ME,
    platform: 'linux',
    runtimeDirectory: RUNTIME,
    temporaryDirectory: TEMPORARY,
    fs: system,
    ...changes,
  });
}

/** With only the temporary folder to try. */
const chooseTemporary = (system: FileSystem, changes: Partial<DirectoryOptions> = {}): PrivateDirectory =>
  choose(system, { platform: 'darwin', runtimeDirectory: undefined, ...changes });

/** What Node's functions throw. */
function failure(code: string, message: string, call: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: ${message}, ${call}`), { code });
  };
}

const NAME = `routemeter-${ME}`;
const OURS = `${TEMPORARY}/${NAME}`;

describe('the folder of our own', unix, () => {
  test('is made so that only its owner can enter', (t) => {
    const { real, system } = rootOf(t);
    assert.deepEqual(chooseTemporary(system), { path: OURS });
    assert.equal(fs.lstatSync(real(OURS)).mode & 0o7777, 0o700);
    assert.deepEqual(fs.readdirSync(real(OURS)), []);
  });

  test('is found again with what is in it', (t) => {
    const { real, system } = rootOf(t);
    chooseTemporary(system);
    fs.writeFileSync(real(`${OURS}/owner.json`), '{}');
    assert.deepEqual(chooseTemporary(system), { path: OURS });
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
      const { real, system } = rootOf(t);
      prepare(real(OURS));
      assert.deepEqual(chooseTemporary(system), { path: OURS });
    });
  }
});

function makeWithMode(path: string, mode: number): void {
  fs.mkdirSync(path);
  fs.chmodSync(path, mode);
}

describe('what is there already is not used and left as it is', unix, () => {
  const cases: [name: string, make: (path: string) => void, reason: string, options?: { skip?: string }][] = [
    [
      'a folder that others may list and enter',
      (path) => makeWithMode(path, 0o755),
      'is open to others (mode 755)',
    ],
    ['a folder that others may enter', (path) => makeWithMode(path, 0o701), 'is open to others (mode 701)'],
    ['a folder that its group may read', (path) => makeWithMode(path, 0o740), 'is open to others (mode 740)'],
    ['a folder that all may write', (path) => makeWithMode(path, 0o1777), 'is open to others (mode 1777)'],
    ['a file', (path) => fs.writeFileSync(path, '', { mode: 0o700 }), 'is not a directory'],
    ['a link that leads nowhere', (path) => fs.symlinkSync('/nowhere', path), 'is a symbolic link'],
    [
      'a link to a private folder of our own',
      (path) => {
        fs.mkdirSync(`${path}-elsewhere`, { mode: 0o700 });
        fs.symlinkSync(`${path}-elsewhere`, path);
      },
      'is a symbolic link',
    ],
    [
      "somebody else's folder",
      (path) => {
        makeWithMode(path, 0o700);
        fs.chownSync(path, 1001, 1001);
      },
      'belongs to user 1001',
      root,
    ],
  ];
  for (const [name, make, reason, options] of cases) {
    test(name, options ?? {}, (t) => {
      const { real, system } = rootOf(t);
      make(real(OURS));
      const before = fs.lstatSync(real(OURS));
      assert.deepEqual(chooseTemporary(system), { problem: `${OURS} ${reason}` });
      const after = fs.lstatSync(real(OURS));
      assert.deepEqual([after.ino, after.mode, after.uid], [before.ino, before.mode, before.uid]);
      assert.equal(after.mtimeMs, before.mtimeMs, 'nothing was put into it');
    });
  }

  test('a folder of the same name, seen by another user', (t) => {
    const { real, system } = rootOf(t);
    fs.mkdirSync(real(`${TEMPORARY}/routemeter-4242`), { mode: 0o700 });
    assert.deepEqual(chooseTemporary(system, { uid: 4242 }), {
      problem: `${TEMPORARY}/routemeter-4242 belongs to user ${ME}`,
    });
  });
});

describe('a base that does not do', unix, () => {
  test('because it is not there', (t) => {
    const { system } = rootOf(t);
    assert.deepEqual(chooseTemporary(system, { temporaryDirectory: '/gone' }), {
      problem: '/gone cannot be found (ENOENT: no such file or directory)',
    });
  });

  test('because its path depends on the working directory', (t) => {
    const { system } = rootOf(t);
    assert.deepEqual(chooseTemporary(system, { temporaryDirectory: 'tmp' }), {
      problem: 'tmp is not an absolute path',
    });
  });

  test('because others could put a folder of theirs in the place of ours', (t) => {
    const { real, system } = rootOf(t);
    fs.chmodSync(real(TEMPORARY), 0o777);
    assert.deepEqual(chooseTemporary(system), {
      problem: '/tmp lets others rename what is in it (mode 777)',
    });
    assert.deepEqual(fs.readdirSync(real(TEMPORARY)), []);
  });

  const failures: [name: string, faults: Partial<FileSystem>, reason: string][] = [
    [
      'it is read-only',
      { mkdirSync: failure('EROFS', 'read-only file system', `mkdir '${OURS}'`) },
      'cannot be made (EROFS: read-only file system)',
    ],
    [
      'nothing may be made in it',
      { mkdirSync: failure('EACCES', 'permission denied', `mkdir '${OURS}'`) },
      'cannot be made (EACCES: permission denied)',
    ],
    [
      'our folder in it may not be looked at',
      { lstatSync: failure('EACCES', 'permission denied', `lstat '${OURS}'`) },
      'cannot be found (EACCES: permission denied)',
    ],
    [
      'our folder in it has become read-only',
      { writeFileSync: failure('EROFS', 'read-only file system', `open '${OURS}/.probe'`) },
      'cannot be written (EROFS: read-only file system)',
    ],
    [
      'our folder in it may not be written',
      { writeFileSync: failure('EACCES', 'permission denied', `open '${OURS}/.probe'`) },
      'cannot be written (EACCES: permission denied)',
    ],
  ];
  for (const [name, faults, reason] of failures) {
    test(`because ${name}`, (t) => {
      const { system } = rootOf(t);
      assert.deepEqual(chooseTemporary({ ...system, ...faults }), { problem: `${OURS} ${reason}` });
    });
  }

  test('because the disk is full, which a file shows only once something is in it', (t) => {
    const { real, system } = rootOf(t);
    const full = failure('ENOSPC', 'no space left on device', 'write');
    const writeFileSync: FileSystem['writeFileSync'] = (path, data, options) => {
      system.writeFileSync(path, '', options);
      if (data.toString() !== '') full();
    };
    assert.deepEqual(chooseTemporary({ ...system, writeFileSync }), {
      problem: `${OURS} cannot be written (ENOSPC: no space left on device)`,
    });
    assert.equal(fs.existsSync(real(OURS)), false, 'the empty file is removed');
  });
});

describe('the path leaves room for a socket', unix, () => {
  const longest = LONGEST_SOCKET_PATH - 52;
  /** A base, so that our folder's path has that many bytes. */
  const baseOf = (bytes: number, letter: string): string => {
    const letters = (bytes - `/${NAME}`.length - 1) / Buffer.byteLength(letter);
    return `/${letter.repeat(letters)}`;
  };
  const even = longest - ((longest - `/${NAME}`.length - 1) % 2);
  const cases: [name: string, base: string, bytes: number][] = [
    ['one byte a letter', baseOf(longest, 'x'), longest],
    ['one byte too long', baseOf(longest + 1, 'x'), longest + 1],
    ['two bytes a letter', baseOf(even, 'é'), even],
    ['two bytes a letter, too long', baseOf(even + 2, 'é'), even + 2],
  ];
  for (const [name, base, bytes] of cases) {
    test(name, (t) => {
      const { real, system } = rootOf(t);
      fs.mkdirSync(real(base));
      const path = `${base}/${NAME}`;
      assert.equal(Buffer.byteLength(path), bytes);
      assert.deepEqual(
        chooseTemporary(system, { temporaryDirectory: base }),
        bytes <= longest ? { path } : { problem: `${path} is longer than ${longest} bytes` },
      );
      assert.deepEqual(fs.readdirSync(real(base)), bytes <= longest ? [NAME] : []);
    });
  }
});

describe('the order', unix, () => {
  const cases: [
    name: string,
    changes: Partial<DirectoryOptions>,
    blocked: string[],
    chosen: string | undefined,
  ][] = [
    ['on Linux begins with shared memory', {}, [], SHM],
    ['goes on with the runtime directory', {}, [SHM], RUNTIME],
    ['ends with the temporary folder', {}, [SHM, RUNTIME], TEMPORARY],
    ['ends without one', {}, [SHM, RUNTIME, TEMPORARY], undefined],
    ['elsewhere begins with the runtime directory', { platform: 'darwin' }, [], RUNTIME],
    ['passes over a runtime directory that is not set', { runtimeDirectory: undefined }, [SHM], TEMPORARY],
    ['passes over a runtime directory that is empty', { runtimeDirectory: '' }, [SHM], TEMPORARY],
    ['names a base that comes twice once', { temporaryDirectory: SHM }, [SHM, RUNTIME], undefined],
  ];
  for (const [name, changes, blocked, chosen] of cases) {
    test(name, (t) => {
      const { real, system } = rootOf(t);
      for (const base of blocked) fs.writeFileSync(real(`${base}/${NAME}`), '');
      assert.deepEqual(
        choose(system, changes),
        chosen === undefined
          ? { problem: blocked.map((base) => `${base}/${NAME} is not a directory`).join('; ') }
          : { path: `${chosen}/${NAME}` },
      );
      for (const base of [SHM, RUNTIME, TEMPORARY].filter(
        (each) => each !== chosen && !blocked.includes(each),
      )) {
        assert.deepEqual(fs.readdirSync(real(base)), [], `${base} is not touched`);
      }
    });
  }
});

describe('a full disk', unix, () => {
  const full = { writeFileSync: failure('ENOSPC', 'no space left on device', 'write') };
  const reason = 'cannot be written (ENOSPC: no space left on device)';

  test('that holds our folder ends the search: the others are there', (t) => {
    const { real, system } = rootOf(t);
    fs.mkdirSync(real(`${SHM}/${NAME}`), { mode: 0o700 });
    assert.deepEqual(choose({ ...system, ...full }), { problem: `${SHM}/${NAME} ${reason}` });
    assert.deepEqual(fs.readdirSync(real(RUNTIME)), []);
  });

  test('that does not is passed over, and left as it was', (t) => {
    const { real, system } = rootOf(t);
    const bases = [SHM, RUNTIME, TEMPORARY];
    assert.deepEqual(choose({ ...system, ...full }), {
      problem: bases.map((base) => `${base}/${NAME} ${reason}`).join('; '),
    });
    for (const base of bases) assert.deepEqual(fs.readdirSync(real(base)), []);
  });
});

describe('a system without', () => {
  const cases: [name: string, changes: Partial<DirectoryOptions>][] = [
    ['user ids', { uid: undefined }],
    ['Unix sockets', { uid: 0, platform: 'win32' }],
  ];
  for (const [name, changes] of cases) {
    test(`${name} has no such folder`, (t) => {
      const { real, system } = rootOf(t);
      assert.deepEqual(choose(system, changes), {
        problem: 'groups of processes need Unix sockets and user ids, which this system lacks',
      });
      assert.deepEqual(fs.readdirSync(real(TEMPORARY)), []);
    });
  }
});

test('with the real file system', unix, (t) => {
  const temporaryDirectory = fs.mkdtempSync('/tmp/group-');
  t.after(() => fs.rmSync(temporaryDirectory, { recursive: true }));
  const path = join(temporaryDirectory, NAME);
  assert.deepEqual(chooseTemporary(fs, { temporaryDirectory }), { path });
  assert.equal(fs.lstatSync(path).mode & 0o777, 0o700);
});
