import { spawnSync } from 'node:child_process';

/** For a test that needs a right that nothing can install: where the machine lacks it the test is skipped, with the reason. */
export function needs(able: boolean, reason: string): { skip?: string } {
  return able ? {} : { skip: reason };
}

const isRoot = process.getuid?.() === 0;

/** Runs a command line with mounts of its own, as root or as what looks like it. */
const UNSHARE = isRoot ? ['unshare', '--mount'] : ['unshare', '--user', '--map-root-user', '--mount'];

/** A command that runs the command line it is given where these shell commands have changed what is mounted. */
export function withMounts(commands: string): string[] {
  return [...UNSHARE, 'sh', '-c', `${commands} && exec "$@"`, 'sh'];
}

/** A command that runs the command line it is given with the mounts, and in the folder, of another process. */
export function withMountsOf(pid: number | undefined): string[] {
  return ['nsenter', '--target', String(pid), ...(isRoot ? [] : ['--user']), '--mount', '--wd'];
}

function canMount(): boolean {
  const [command = '', ...args] = [...withMounts('mount -t tmpfs none /dev/shm'), 'true'];
  return spawnSync(command, args).status === 0;
}

export const mounting = needs(canMount(), 'this machine does not let the tests mount anything');
