import type { FileSystem } from '../state/files.ts';
import type { PrivateDirectory } from './directory.ts';

/** This process and its host. */
export interface Host {
  readonly fs: FileSystem;
  readonly process: Pick<NodeJS.Process, 'pid' | 'kill'>;
  /** 0 in the main thread. */
  readonly threadId: number;
  /** Names the network: containers may share a folder and still have a network each. */
  readonly network: string;
  /** Finds the private folder of all groups, which it makes if need be. */
  findDirectory(): PrivateDirectory;
  /** Looks up a host name; undefined where it is not known. */
  lookup(host: string): Promise<string | undefined>;
}
