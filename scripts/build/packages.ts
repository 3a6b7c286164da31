import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A package of which the bundle contains something. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly license: string;
  /** Where it is developed: a URL. */
  readonly repository: string | undefined;
  /** The packages that it needs. */
  readonly needs: readonly string[];
  /** The texts of its license and notices, as they are in its folder. */
  readonly texts: readonly string[];
}

interface Manifest {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly license?: unknown;
  readonly repository?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * The packages that these files are from, each once, by name and version.
 *
 * @throws if a file is from no package, or from one without a license and its text: the notices would be incomplete
 */
export function packagesOf(files: Iterable<string>): readonly Package[] {
  const folders = new Set([...files].map(folderOf));
  return [...folders].map(readPackage).sort((a, b) => compare(keyOf(a), keyOf(b)));
}

const keyOf = ({ name, version }: Package): string => `${name}@${version}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The nearest folder that names a package: some packages have a package.json without a name in a folder of theirs. */
function folderOf(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && typeof manifestOf(folder).name === 'string')
      return folder;
  }
  throw new Error(`${file} is of no package`);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function readPackage(folder: string): Package {
  const manifest = manifestOf(folder);
  const { name, version, license, repository, dependencies, peerDependencies } = manifest;
  const texts = readdirSync(folder)
    .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  if (typeof license !== 'string' || texts.length === 0) throw new Error(`${folder} has no license`);
  return {
    name: String(name),
    version: String(version),
    license,
    repository: addressOf(repository),
    needs: Object.keys({ ...dependencies, ...peerDependencies }),
    texts,
  };
}

/** `git+https://host/owner/name.git`, or an object with such a URL. */
function addressOf(repository: unknown): string | undefined {
  const url: unknown =
    typeof repository === 'object' && repository !== null ? Reflect.get(repository, 'url') : repository;
  if (typeof url !== 'string') return undefined;
  return url.includes('://')
    ? url.replace(/^git\+/, '')
    : `https://github.com/${url.replace(/^github:/, '')}`;
}
