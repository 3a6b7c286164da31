/**
 * Fails if what users get has a vulnerability that is known: what npm installs with the package, and what is inside of its
 * bundle, of which `npm audit` does not know where it is used. Needs `dist`.
 *
 *   node scripts/audit.ts               passes where the registry does not answer
 *   node scripts/audit.ts --required    fails there
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Accepted, type AuditReport, judge, type Lockfile, shippedPlaces } from './audit/advisories.ts';

const ACCEPTED: readonly Accepted[] = [];

const ROOT = resolve(import.meta.dirname, '..');
const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));

const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: ROOT, encoding: 'utf8' });
const report = parse(stdout);
if (report === undefined) {
  console.error('NOT AUDITED: the registry has not answered `npm audit`');
  if (process.argv.includes('--required')) process.exitCode = 1;
} else {
  const { components } = read('dist/sbom.cdx.json') as {
    readonly components: readonly {
      readonly group?: string;
      readonly name: string;
      readonly version: string;
    }[];
  };
  const bundled = new Set(
    components.map(
      ({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version}`,
    ),
  );
  const shipped = shippedPlaces(read('package-lock.json') as Lockfile, bundled);
  const { failing, noted } = judge(report, (place) => shipped.has(place), ACCEPTED);
  for (const line of noted) console.log(`noted: ${line}`);
  for (const line of failing) console.error(`VULNERABLE: ${line}`);
  console.log(`${shipped.size} packages that users get are audited`);
  if (failing.length > 0) process.exitCode = 1;
}

/** Undefined if npm has not reported, but failed. */
function parse(text: string): AuditReport | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null && 'vulnerabilities' in answer
      ? (answer as AuditReport)
      : undefined;
  } catch {
    return undefined;
  }
}
