import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { install } from '../../scripts/pinned/install.ts';
import type { Program } from './program.ts';

const BUILT = 'built.txt';

/**
 * Installs a program, copies the sources of its project beside its packages, and builds it, unless that was done with the
 * same packages, sources and commands.
 *
 * @throws with the output of the command that failed
 */
export async function makeProject(folder: string, program: Program): Promise<void> {
  const { packages, sources, build = [] } = program;
  const hash = createHash('sha256').update(
    JSON.stringify([packages, program.overrides, build, process.version]),
  );
  for (const file of sources === undefined ? [] : filesOf(sources))
    hash.update(file).update(readFileSync(file));
  const wanted = hash.digest('hex');

  const marker = join(folder, BUILT);
  const found = existsSync(marker) ? readFileSync(marker, 'utf8') : undefined;
  if (found === wanted) return;
  // What was built of other sources, or in part, must not be mixed with what is built now.
  if (found !== undefined) rmSync(folder, { recursive: true });
  await install(folder, packages, program);
  writeFileSync(marker, 'unfinished');
  if (sources !== undefined) cpSync(sources, folder, { recursive: true });
  for (const command of build) await run(folder, command, { ...process.env, PATH: pathOf(folder) });
  writeFileSync(marker, wanted);
}

function filesOf(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** Runs a command of the project, with nothing on stdin. @throws with its output when it fails */
export async function run(
  folder: string,
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { cwd: folder, env, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        if (error === null) resolve();
        else
          reject(
            new Error(`${command} ${args.join(' ')} in ${folder}:\n${stdout}${stderr}`, { cause: error }),
          );
      },
    );
    child.stdin?.end();
  });
}

/** PATH with the commands of the project's packages, and with this Node.js before others. */
export const pathOf = (folder: string): string =>
  [join(folder, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
