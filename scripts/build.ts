/**
 * Builds `dist`: the bundle, what it contains of others, and the types of its doors. And `unbundled`, each module as
 * JavaScript, for tests and benchmarks that reach inside where Node.js cannot strip types.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { bundle, DOORS } from './build/bundle.ts';
import { notices } from './build/notices.ts';
import { packagesOf } from './build/packages.ts';
import { sbom } from './build/sbom.ts';
import { copyReachableTypes } from './build/types.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
const UNBUNDLED = join(ROOT, 'unbundled');

/**
 * What our own code calls of the API is bundled, since its many files would take as long as all the rest: each copy of
 * it finds what any other has registered. The package stays a dependency of the app and of the instrumentations.
 */
const BUNDLED_ALL_THE_SAME = ['@opentelemetry/api'];

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
const manifest = read('package.json') as {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
};
const { packages: locked } = read('package-lock.json') as Lockfile;

for (const folder of [DIST, UNBUNDLED]) rmSync(folder, { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });

const source = join(ROOT, 'src');
const files = await bundle({
  source,
  out: DIST,
  version: manifest.version,
  external: Object.keys(manifest.dependencies).filter((name) => !BUNDLED_ALL_THE_SAME.includes(name)),
});
const bundled = packagesOf(files.filter((file) => !file.startsWith(source)));
const beside = Object.entries(manifest.dependencies).map(([name, version]) => ({ name, version }));
const integrityOf = (name: string, version: string): string | undefined =>
  Object.entries(locked).find(
    ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
  )?.[1].integrity;

writeFileSync(join(DIST, 'THIRD-PARTY-NOTICES.txt'), notices(bundled));
writeFileSync(
  join(DIST, 'sbom.cdx.json'),
  `${JSON.stringify(sbom(manifest, bundled, beside, integrityOf), undefined, 2)}\n`,
);
copyReachableTypes(UNBUNDLED, DIST, DOORS);
