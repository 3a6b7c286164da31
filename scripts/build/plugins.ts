/** What differs between a module of the source and the same one in the bundle. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type OutputBundle, type Plugin, RolldownMagicString } from 'rolldown';
import { type Chunk, fileOf, placesOf } from './chunks.ts';

/** Modules are imported with their extension, and named without it for `load`. */
const LOADED = /(?<=')\.\/([\w/-]+)(?=')/g;

/** The modules that a text names for `load`, relative to `src` and without extension. */
export function loadedBy(text: string, isModule: (path: string) => boolean): string[] {
  return [...text.matchAll(LOADED)].map(([, path = '']) => path).filter(isModule);
}

/** Gives `load` the names of files in place of those of modules. */
export function filesToLoad(source: string, chunks: readonly Chunk[]): Plugin {
  const files = new Map(chunks.flatMap(({ name, doors }) => doors.map((door) => [door, fileOf(name)])));
  return {
    name: 'files-to-load',
    transform(text, id) {
      if (!id.startsWith(source)) return undefined;
      const code = new RolldownMagicString(text);
      for (const { index, 0: all, 1: path = '' } of text.matchAll(LOADED)) {
        const file = files.get(path);
        if (file !== undefined) code.overwrite(index, index + all.length, `./${file}`);
      }
      return { code };
    },
  };
}

/** Imports what a module requires from inside of a package, in the package's files for ES modules. */
export function importsFromInside(module: string): Plugin {
  return {
    name: 'imports-from-inside',
    transform(text, id) {
      if (id !== module) return undefined;
      const code = new RolldownMagicString(text);
      const [definition = '', name = ''] =
        /const inside = [^;]*\.resolve\('([^']+)'\),?\s*\);/.exec(text) ?? [];
      const folder = dirname(createRequire(module).resolve(name));
      code.remove(text.indexOf(definition), text.indexOf(definition) + definition.length);
      const calls = [...text.matchAll(/inside\('([^']+)\.cjs'\)/g)];
      for (const [at, { index, 0: call, 1: path = '' }] of calls.entries()) {
        code.prepend(`import * as inside${at} from ${JSON.stringify(`${join(folder, path)}.mjs`)};`);
        code.overwrite(index, index + call.length, `inside${at}`);
      }
      return { code };
    },
  };
}

/** Puts values in the place of what a module exports. */
export function constants(module: string, values: Readonly<Record<string, string>>): Plugin {
  const text = Object.entries(values)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join('');
  return { name: 'constants', load: (id) => (id === module ? text : undefined) };
}

/** The name of the entry for a door. Those of a group are no files in the end, since the group is one. */
export const entryOf = ({ name, isGroup }: Chunk, door: number): string =>
  isGroup ? `${name}.${door}` : name;

/** Decides which chunk each module goes into. */
export function grouping(chunks: readonly Chunk[]) {
  let places: ReadonlyMap<string, string> = new Map();
  const groups = chunks.filter(({ isGroup }) => isGroup);
  const plugin: Plugin = {
    name: 'grouping',
    buildEnd() {
      places = placesOf(chunks, (id) => this.getModuleInfo(id)?.importedIds ?? []);
    },
    generateBundle(_, files) {
      for (const group of groups) {
        for (const at of group.doors.keys())
          dropEntry(files, `${fileOf(entryOf(group, at))}.js`, `${fileOf(group.name)}.js`);
      }
    },
  };
  return {
    plugin,
    groups: chunks.map(({ name }) => ({ name, test: (id: string) => places.get(id) === name })),
  };
}

/** Drops a file that only exports what a group does, by the same names. */
function dropEntry(files: OutputBundle, entry: string, group: string): void {
  const [from, to] = [files[entry], files[group]];
  if (from?.type !== 'chunk' || to?.type !== 'chunk') throw new Error(`${entry} or ${group} was not built`);
  const missing = from.exports.filter((name) => !to.exports.includes(name));
  if (missing.length > 0) throw new Error(`${group} has another name for ${missing.join(', ')}`);
  delete files[entry];
}
