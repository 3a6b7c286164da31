import { tmpdir } from 'node:os';
import type { Config } from '../config/config.ts';
import { getBuiltinModule } from '../guest/builtin.ts';
import type { Log } from '../guest/log.ts';
import { type PrivateDirectory, privateDirectory } from './members/directory.ts';

/** Where the processes of one host find each other. */

/** The private folder of all groups, made if need be. */
export function findDirectory({ runtimeDirectory }: Pick<Config, 'runtimeDirectory'>): PrivateDirectory {
  return privateDirectory({
    uid: process.getuid?.(),
    platform: process.platform,
    runtimeDirectory,
    // A user's own on macOS has a path too long for sockets.
    temporaryDirectory: process.platform === 'darwin' ? '/tmp' : tmpdir(),
    fs: getBuiltinModule('node:fs'),
  });
}

/** Says once, whichever exporter asks, why there is no such folder. */
export function sayNotShared(log: Log, problem: string): void {
  const message = `the processes of this service cannot be added up, each is by itself: ${problem}`;
  // Where no group is possible at all, nobody expects one.
  if (process.platform === 'win32') log.debug(message);
  else log.once('group.directory', 'warn', message);
}

/** Names the network of this process: containers may share a folder, and still have a network each. */
export function networkNamespace(): string {
  if (process.platform !== 'linux') return '';
  try {
    return getBuiltinModule('node:fs').readlinkSync('/proc/self/ns/net');
  } catch {
    return '';
  }
}
