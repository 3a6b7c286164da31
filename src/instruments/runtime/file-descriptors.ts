export type FileSystem = Pick<typeof import('node:fs'), 'statSync' | 'readFileSync' | 'promises'>;

/** What Linux tells of the file descriptors of this process: https://man7.org/linux/man-pages/man5/proc.5.html */
const OPEN = '/proc/self/fd';
const LIMITS = '/proc/self/limits';

/** The file descriptors of this process; each number is undefined where the system does not tell it. */
export interface FileDescriptors {
  readonly open: () => number | undefined | Promise<number | undefined>;
  /** The soft limit, which is the one that counts; undefined also if there is none. */
  readonly limit: () => number | undefined;
}

export function createFileDescriptors(fs: FileSystem): FileDescriptors {
  const list = async (): Promise<number | undefined> => {
    try {
      const listed = await fs.promises.readdir(OPEN);
      // One of them is that of the list.
      return listed.length - 1;
    } catch {
      return undefined;
    }
  };
  return {
    open() {
      try {
        // Since Linux 6.2 the size is the number of the entries; a list of many would have to be made by another thread.
        const { size } = fs.statSync(OPEN);
        return size > 0 ? size : list();
      } catch {
        return undefined;
      }
    },
    limit() {
      try {
        const [, soft] = /^Max open files +(\d+)/m.exec(fs.readFileSync(LIMITS, 'latin1')) ?? [];
        return soft === undefined ? undefined : Number(soft);
      } catch {
        return undefined;
      }
    },
  };
}
