/** The commit that a branch is compared with: exported and built apart from the working tree. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { linkPackage } from './processes.ts';
import { ROUTEMETER } from './variants.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** routemeter as it was at a commit. */
export interface Base {
  readonly commit: string;
  /** Its checkout, built. */
  readonly folder: string;
}

/** How routemeter of the base is started. */
export function basePreload({ folder }: Base): {
  nodeArguments: readonly string[];
  env: Record<string, string>;
} {
  const register = pathToFileURL(join(folder, 'dist/register.js')).href;
  return { nodeArguments: ['--import', register], env: ROUTEMETER.env };
}

function run(cwd: string, file: string, ...rest: string[]): boolean {
  return spawnSync(file, rest, { cwd, stdio: ['ignore', 2, 2] }).status === 0;
}

/** @throws Error if the ref names no commit */
export function commitOf(ref: string): string {
  const found = spawnSync(
    'git',
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  );
  if (found.status === 0) return found.stdout.trim();
  throw new Error(`--against ${ref}: there is no such branch, tag or commit in this repository`);
}

/**
 * Builds the base once; a later run of the same commit takes what is there.
 *
 * @throws Error if the ref names no commit, or what it names cannot be built
 */
export function buildBase(ref: string, progress: (line: string) => void): Base {
  const commit = commitOf(ref);
  const folder = join(ROOT, '.cache/bench-base', commit);
  if (!existsSync(join(folder, 'dist/register.js'))) {
    progress(`building ${ref} in .cache/bench-base/${commit}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    run(ROOT, 'git', 'worktree', 'prune');
    const sameDependencies = run(ROOT, 'git', 'diff', '--quiet', commit, '--', 'package-lock.json');
    const built =
      run(ROOT, 'git', 'worktree', 'add', '--quiet', '--detach', folder, commit) &&
      // With the same lock file, packages are found in the folders above.
      (sameDependencies || run(folder, 'npm', 'ci')) &&
      run(folder, 'npm', 'run', '--silent', 'build');
    if (!built) throw new Error(`--against ${ref}: commit ${commit} cannot be built`);
  }
  linkPackage(join(folder, 'bench'));
  return { commit, folder };
}
