import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type InputOptions, type OutputOptions, rolldown } from 'rolldown';
import { withoutImportsOfBuiltins } from './builtins.ts';
import { chunksOf, fileOf } from './chunks.ts';
import { constants, entryOf, filesToLoad, grouping, importsFromInside, loadedBy } from './plugins.ts';

/** What users import. Each is one file until it loads something, so that an app's own bundle may hold a copy. */
export const DOORS = ['index', 'register', 'start'] as const;

export interface BundleOptions {
  readonly source: string;
  readonly out: string;
  /** Of this package. */
  readonly version: string;
  /** Packages that are not bundled. */
  readonly external: readonly string[];
}

/**
 * Writes the package's JavaScript, with source maps but without comments. Nothing is minified: a stack trace names the
 * functions of the source, also without the map, and a line that Node.js prints is a line.
 *
 * @returns the files that it is made of
 */
export async function bundle({ source, out, version, external }: BundleOptions): Promise<readonly string[]> {
  const modules = new Set(globSync('**/*.ts', { cwd: source }).map((file) => file.replace(/\.ts$/, '')));
  const fileFor = (module: string): string => {
    const [name = '', inside] = module.split(':');
    return inside === undefined
      ? join(source, `${module}.ts`)
      : join(dirname(createRequire(join(source, 'index.ts')).resolve(name)), inside);
  };
  const loaded = [...modules].flatMap((module) =>
    loadedBy(readFileSync(fileFor(module), 'utf8'), (path) => modules.has(path)),
  );
  const chunks = chunksOf(new Set(loaded));
  const { plugin, groups } = grouping(chunks.map((chunk) => ({ ...chunk, doors: chunk.doors.map(fileFor) })));

  const input: InputOptions = {
    platform: 'node',
    external: [/^node:/, ...external.map((name) => new RegExp(`^${name}(/|$)`))],
    plugins: [
      filesToLoad(source, chunks),
      importsFromInside(fileFor('instruments/runtime/collectors')),
      constants(fileFor('pipeline/version'), { version }),
    ],
    // Not of what a busy machine makes slow.
    checks: { pluginTimings: false },
    onLog(_, { message }) {
      throw new Error(message);
    },
  };
  const output: OutputOptions = {
    dir: out,
    format: 'es',
    comments: { annotation: true, legal: false, jsdoc: false },
    minifyInternalExports: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  };

  const doors = DOORS.map((door) => build({ ...input, input: { [door]: fileFor(door) } }, output));
  const lazy = build(
    {
      ...input,
      input: Object.fromEntries(
        chunks.flatMap((chunk) => chunk.doors.map((door, at) => [entryOf(chunk, at), fileFor(door)])),
      ),
      // A group has more exports than its doors.
      preserveEntrySignatures: 'allow-extension',
      plugins: [input.plugins, plugin, withoutImportsOfBuiltins(`${fileOf('session')}.js`)],
    },
    {
      ...output,
      entryFileNames: `${fileOf('[name]')}.js`,
      chunkFileNames: `${fileOf('[name]')}.js`,
      codeSplitting: { groups, includeDependenciesRecursively: false },
    },
  );
  return (await Promise.all([...doors, lazy])).flat();
}

async function build(input: InputOptions, output: OutputOptions): Promise<readonly string[]> {
  await using built = await rolldown(input);
  const written = await built.write(output);
  return written.output.flatMap((file) =>
    file.type !== 'chunk'
      ? []
      : Object.entries(file.modules)
          .filter(([, { code }]) => code !== null && code !== '')
          .map(([id]) =>
            id.startsWith('\0rolldown/') ? createRequire(import.meta.url).resolve('rolldown') : id,
          ),
  );
}
