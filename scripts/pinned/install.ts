import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Exact versions by the names of packages. */
export type Packages = Readonly<Record<string, string>>;

export interface InstallOptions {
  /** Exact versions of dependencies of dependencies that ask for a tag, because a tag has no date. */
  readonly overrides?: Packages;
  /** Packages whose install scripts run; those of others do not. */
  readonly scripts?: readonly string[];
}

/** No version that was published later is installed: with the exact versions of what is named, this pins all the rest. */
export const BEFORE = '2026-11-30';

const INSTALLED = 'installed.json';

/**
 * Installs packages into a folder, unless they are there already. Without a lock file, which for all frameworks would be
 * a hundred thousand lines.
 *
 * @throws with npm's output
 */
export async function install(
  folder: string,
  packages: Packages,
  { overrides, scripts }: InstallOptions = {},
): Promise<void> {
  const wanted = JSON.stringify({ before: BEFORE, packages, overrides, scripts });
  if (contentOf(join(folder, INSTALLED)) === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const allowScripts = Object.fromEntries((scripts ?? []).map((name) => [name, true]));
  const manifest = { private: true, dependencies: packages, overrides, allowScripts };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const flags = ['--before', BEFORE, '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', ['install', ...flags], { cwd: folder, maxBuffer: 1 << 24 });
  writeFileSync(join(folder, INSTALLED), wanted);
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
