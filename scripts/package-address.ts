/**
 * Writes the address of the package into a package.json: `repository`, `homepage` and `bugs`, which only its owner
 * knows.
 *
 *   node scripts/package-address.ts [https://host/owner/name]     by default the address of the git remote `origin`
 *   node scripts/package-address.ts --check                       fails if they are missing
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, withAddress } from './package-address/address.ts';

const path = join(process.cwd(), 'package.json');
const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const [argument] = process.argv.slice(2);

if (argument === '--check') {
  const missing = ['repository', 'homepage', 'bugs'].filter((key) => manifest[key] === undefined);
  if (missing.length > 0) {
    fail(`package.json has no ${missing.join(', no ')}: npm run address -- https://host/owner/name`);
  }
} else {
  const given = argument ?? origin();
  const address = addressOf(given);
  if (address === undefined) {
    fail(`${JSON.stringify(given)} is not the address of a repository; accepted: https://host/owner/name`);
  } else {
    writeFileSync(path, `${JSON.stringify(withAddress(manifest, address), undefined, 2)}\n`);
    console.log(`package.json has ${address}`);
  }
}

function origin(): string {
  try {
    return execFileSync('git', ['remote', 'get-url', 'origin'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
