import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BACKENDS,
  type Backend,
  type BackendName,
  type DebianSource,
  folderOf,
  type GoSource,
  type LocalGoSource,
  localFolder,
  MARKER,
  marker,
  type NpmSource,
  type PypiSource,
} from './pins.ts';

/** Ends with the output of the command when it fails. */
async function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code, signal] = await once(child, 'close');
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${signal ?? `exit code ${code}`}\n${output.trim()}`);
}

/** No symbols, which halves linking; no paths of this machine, so that the build cache serves every checkout. */
const BUILD = ['build', '-trimpath', '-ldflags=-s -w', '-buildvcs=false'];

/**
 * Built within the downloaded module, so that its own go.sum is checked and its replace directives, which `go install`
 * refuses, hold.
 */
async function fromGo({ module, packages, tags }: GoSource, version: string, folder: string): Promise<void> {
  const answer = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: folder });
  const { Dir: cwd } = JSON.parse(answer) as { Dir: string };
  const env = { ...process.env, GOWORK: 'off' };
  for (const path of packages) {
    const flags = ['-mod=readonly', `-tags=${tags.join(',')}`, '-o', `${folder}/`];
    await run('go', [...BUILD, ...flags, `./${path}`], { cwd, env });
  }
}

async function fromLocalGo(source: LocalGoSource, _version: string, folder: string): Promise<void> {
  await run('go', [...BUILD, '-mod=readonly', '-o', `${folder}/`, '.'], { cwd: localFolder(source) });
}

async function fromNpm(source: NpmSource, version: string, folder: string): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const flags = ['--no-save', '--no-package-lock', '--omit=optional', '--ignore-scripts'];
  await run('npm', ['install', ...flags, '--prefix', folder, `${source.package}@${version}`]);
}

async function fromPypi(source: PypiSource, version: string, folder: string): Promise<void> {
  const flags = ['--quiet', '--no-deps', '--disable-pip-version-check', '--target', folder];
  await run('python3', ['-m', 'pip', 'install', ...flags, `${source.package}==${version}`]);
}

let listsAreNew = false;

/** Unpacked, not installed: no daemon starts, and nothing outside of the folder changes. */
async function fromDebian(source: DebianSource, version: string, folder: string): Promise<void> {
  // Only root may do this; for others the lists are as old as they are.
  if (!listsAreNew) await run('apt-get', ['update', '-qq']).catch(() => {});
  listsAreNew = true;
  const ignored = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'];
  const depends = ['depends', '--recurse', ...ignored.map((kind) => `--no-${kind}`), source.package];
  const dependencies = (await run('apt-cache', depends))
    .split('\n')
    .filter((name) => name.startsWith(source.dependencies) && !source.without.includes(name));
  const packages = [...new Set([source.package, ...dependencies])].sort();
  const downloads = join(folder, 'downloads');
  mkdirSync(downloads);
  const download = ['download', '-qq', '-o', 'APT::Sandbox::User=root', ...packages];
  await run('apt-get', download, { cwd: downloads });
  const files = globSync('*.deb', { cwd: downloads });
  if (!files.some((file) => file.startsWith(`${source.package}_${version}`))) {
    throw new Error(`Debian has ${files.join(', ')}, not ${source.package} ${version}`);
  }
  for (const file of files) await run('dpkg-deb', ['--extract', join(downloads, file), folder]);
  rmSync(downloads, { recursive: true });
}

function make(backend: Backend, folder: string): Promise<void> {
  const { source, version } = backend;
  switch (source.from) {
    case 'go':
      return fromGo(source, version, folder);
    case 'local go':
      return fromLocalGo(source, version, folder);
    case 'npm':
      return fromNpm(source, version, folder);
    case 'pypi':
      return fromPypi(source, version, folder);
    case 'debian':
      return fromDebian(source, version, folder);
  }
}

/**
 * Makes a backend beside its folder and moves it there when it is complete, so that a run cut short leaves none half
 * made, and programs that run on from the old folder are not written over.
 */
export async function install(name: BackendName): Promise<void> {
  const folder = folderOf(name);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  try {
    await make(BACKENDS[name], unfinished);
    writeFileSync(join(unfinished, MARKER), marker(name));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
