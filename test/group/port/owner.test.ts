import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readOwner, socketOf, writeOwner } from '../../../src/group/port/owner.ts';
import { folderOf } from '../members/sockets.ts';
import { ownerOf } from '../owners.ts';

const OWNER = ownerOf({ endpoint: { network: 'net:[1]', host: 'localhost', port: 9464 } });

test('an owner is read back as written, by its user only, and the last one counts', (t) => {
  const path = join(folderOf(t), 'endpoint.json');
  writeOwner(fs, path, { ...OWNER, id: 'other' });
  writeOwner(fs, path, OWNER);
  assert.deepEqual(readOwner(fs, path), OWNER);
  assert.equal(fs.lstatSync(path).mode & 0o7777, 0o600);
  assert.deepEqual(fs.readdirSync(join(path, '..')), ['endpoint.json']);
});

test('a full disk keeps the previous one, and leaves no more files however often it is tried', (t) => {
  const path = join(folderOf(t), 'endpoint.json');
  writeOwner(fs, path, OWNER);
  const writeFileSync: typeof fs.writeFileSync = (file, _, options) => {
    fs.writeFileSync(file, '{"serv', options);
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  for (const id of ['a', 'b', 'c']) {
    assert.throws(() => writeOwner({ ...fs, writeFileSync }, path, { ...OWNER, id }), { code: 'ENOSPC' });
  }
  assert.deepEqual(readOwner(fs, path), OWNER);
  assert.ok(fs.readdirSync(join(path, '..')).length <= 2);
});

test('its socket is in the folder of its epoch', () => {
  assert.equal(socketOf('/run/x', OWNER), '/run/x/0123456789/0123456789ab/4194304-65535-0123abcd.sock');
});

const text = JSON.stringify(OWNER);
const NONE: readonly (readonly [what: string, text: string])[] = [
  ['an empty file', ''],
  ['half of one', text.slice(0, text.length / 2)],
  ['one and more', `${text}${text}`],
  ['null', 'null'],
  ['a text', '"owner"'],
  ['a list', `[${text}]`],
  ...Object.keys(OWNER).flatMap((name): (readonly [string, string])[] => [
    [`one without ${name}`, JSON.stringify({ ...OWNER, [name]: undefined })],
    [`one whose ${name} is null`, JSON.stringify({ ...OWNER, [name]: null })],
    [`one whose ${name} is a list`, JSON.stringify({ ...OWNER, [name]: ['a'] })],
  ]),
  ['one whose process id is a text', JSON.stringify({ ...OWNER, pid: '1' })],
  ...['group', 'epoch', 'id'].flatMap((name) =>
    ['', '.', '..', '../x', 'x/y', '/x', 'a\\b', 'a\0', 'a\n', 'a b', 'é', 'x'.repeat(41)].map(
      (value): readonly [string, string] => [
        `one whose ${name} is ${JSON.stringify(value)}`,
        JSON.stringify({ ...OWNER, [name]: value }),
      ],
    ),
  ),
];
test('invalid content is not an owner', async (t) => {
  const path = join(folderOf(t), 'endpoint.json');
  for (const [what, content] of NONE) {
    fs.writeFileSync(path, content);
    assert.equal(readOwner(fs, path), undefined, what);
  }
  fs.rmSync(path);
  assert.equal(readOwner(fs, path), undefined, 'no file');
  fs.mkdirSync(path);
  assert.equal(readOwner(fs, path), undefined, 'a folder');
});
