/**
 * Gets the runtimes other than Node.js that tests start, into .cache/runtimes: missing ones, and ones whose
 * pin changed. Needs npm.
 *
 *   node scripts/runtimes.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { folderOf, isReady, NAMES, RUNTIMES } from './runtimes/pins.ts';

for (const name of NAMES) {
  const title = `${name} ${RUNTIMES[name].version}`;
  if (isReady(name)) {
    console.log(`${title}: there already`);
    continue;
  }
  console.log(`${title}: getting it ...`);
  const folder = folderOf(name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, JSON.stringify({ private: true, allowScripts: { [name]: true } }));
  const flags = ['--silent', '--no-save', '--no-package-lock', '--prefix', folder];
  execFileSync('npm', ['install', ...flags, `${name}@${RUNTIMES[name].version}`], { stdio: 'inherit' });
}
