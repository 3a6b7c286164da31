import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addressOf, withAddress } from '../../scripts/package-address/address.ts';

const ADDRESS = 'https://git.example.org/shop/meter';

describe('the address of a repository', () => {
  for (const remote of [
    ADDRESS,
    `${ADDRESS}.git`,
    `${ADDRESS}/`,
    'git+https://git.example.org/shop/meter.git',
    'https://user:secret@git.example.org/shop/meter.git',
    'https://token@git.example.org:8443/shop/meter',
    'git@git.example.org:shop/meter.git',
    'ssh://git@git.example.org:2222/shop/meter.git',
    'git://git.example.org/shop/meter.git',
  ]) {
    it(`is read from ${remote}`, () => assert.equal(addressOf(remote), ADDRESS));
  }

  it('may have folders', () =>
    assert.equal(addressOf('git@git.example.org:a/b/c.git'), 'https://git.example.org/a/b/c'));

  for (const remote of [
    '',
    '/srv/meter',
    '../meter',
    'file:///srv/meter',
    'meter',
    'https://example.org',
    'C:\\m',
  ]) {
    it(`is not ${remote || 'empty'}`, () => assert.equal(addressOf(remote), undefined));
  }

  it('is where npm looks for it in a package.json', () =>
    assert.deepEqual(
      Object.entries(withAddress({ name: 'x', description: 'y', license: 'z', bugs: 'old' }, ADDRESS)),
      [
        ['name', 'x'],
        ['description', 'y'],
        ['homepage', `${ADDRESS}#readme`],
        ['repository', { type: 'git', url: `git+${ADDRESS}.git` }],
        ['bugs', { url: `${ADDRESS}/issues` }],
        ['license', 'z'],
      ],
    ));
});

describe('npm run address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'routemeter-address-'));
  after(() => rmSync(folder, { recursive: true }));
  const script = fileURLToPath(new URL('../../scripts/package-address.ts', import.meta.url));
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8' });
  const manifest = () => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "x", "version": "1.0.0" }\n');

  it('fails where neither an argument nor a remote has one', () => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    assert.match(
      run().stderr,
      /^"" is not the address of a repository; accepted: https:\/\/host\/owner\/name$/m,
    );
    execFileSync('git', ['remote', 'add', 'origin', '/srv/meter'], { cwd: folder });
    assert.equal(run().status, 1);
    assert.deepEqual(manifest(), { name: 'x', version: '1.0.0' });
  });

  it('--check fails, and names what is missing', () => {
    const { status, stderr } = run('--check');
    assert.equal(status, 1);
    assert.match(stderr, /^package\.json has no repository, no homepage, no bugs: npm run address/);
  });

  it('takes that of the remote, or the argument', () => {
    execFileSync('git', ['remote', 'set-url', 'origin', 'git@git.example.org:shop/meter.git'], {
      cwd: folder,
    });
    assert.equal(run().status, 0);
    assert.equal(manifest().bugs.url, `${ADDRESS}/issues`);
    assert.equal(run('https://git.example.org/shop/other').status, 0);
    assert.equal(manifest().homepage, 'https://git.example.org/shop/other#readme');
    assert.equal(run('--check').status, 0);
  });
});
