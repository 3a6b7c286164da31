import { tmpdir } from 'node:os';
import { threadId } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { getBuiltinModule } from '../guest/builtin.ts';
import type { Log } from '../guest/log.ts';
import { privateDirectory } from './members/directory.ts';
import type { Host } from './types.ts';

/** The host as it is. */
export function thisHost({ runtimeDirectory }: Pick<Config, 'runtimeDirectory'>): Host {
  const fs = getBuiltinModule('node:fs');
  return {
    fs,
    process,
    threadId,
    network: networkNamespace(fs),
    findDirectory: () =>
      privateDirectory({
        uid: process.getuid?.(),
        platform: process.platform,
        runtimeDirectory,
        // The temporary directory of a macOS user has a path too long for sockets.
        temporaryDirectory: process.platform === 'darwin' ? '/tmp' : tmpdir(),
        fs,
      }),
    async lookup(host) {
      try {
        return (await getBuiltinModule('node:dns').promises.lookup(host)).address;
      } catch {
        return undefined;
      }
    },
  };
}

/** Logs why there is no private folder, once for all exporters. */
export function logNotShared(log: Log, problem: string): void {
  const message = `the processes of this service cannot be added up, each is by itself: ${problem}`;
  // Where no group is possible at all, nobody expects one.
  if (process.platform === 'win32') log.debug(message);
  else log.once('group.directory', 'warn', message);
}

function networkNamespace(fs: Host['fs']): string {
  if (process.platform !== 'linux') return '';
  try {
    return fs.readlinkSync('/proc/self/ns/net');
  } catch {
    return '';
  }
}
