import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from './framework.ts';

/** In the folder where the program is. */
const BUILT = 'built.json';
const SHARED = 'meet.mjs';

/**
 * Copies a program to where its framework is installed, and builds it there, unless that was done with the same sources
 * and the same packages.
 *
 * @param folder where the framework is installed
 * @param sources the folder of the program's sources
 * @param others whatever else the build depends on
 * @throws with the output of the build
 */
export async function build(
  folder: string,
  sources: string,
  program: Program,
  env: Readonly<Record<string, string>> = {},
  others = '',
): Promise<void> {
  const files = globSync('**', { cwd: sources }).filter((file) => statSync(join(sources, file)).isFile());
  const shared = join(import.meta.dirname, SHARED);
  const hash = createHash('sha256').update(JSON.stringify([program.build, env, others]));
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(sources, file)));
  hash.update(readFileSync(shared));
  const wanted = { hash: hash.digest('hex'), files };

  const built = builtIn(folder);
  if (built?.hash === wanted.hash) return;
  for (const file of built?.files ?? []) rmSync(join(folder, file), { force: true });
  rmSync(join(folder, BUILT), { force: true });
  for (const file of files) cpSync(join(sources, file), join(folder, file));
  cpSync(shared, join(folder, SHARED));
  if (program.build !== undefined) {
    const { PATH } = process.env;
    const options = { cwd: folder, env: { PATH, ...env }, maxBuffer: 1 << 24 };
    try {
      await promisify(execFile)(process.execPath, program.build, options);
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program.build.join(' ')} failed in ${folder}:\n${stdout}${stderr}`, {
        cause: error,
      });
    }
  }
  writeFileSync(join(folder, BUILT), JSON.stringify(wanted));
}

function builtIn(folder: string): { readonly hash: string; readonly files: readonly string[] } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, BUILT), 'utf8'));
  } catch {
    return undefined;
  }
}
