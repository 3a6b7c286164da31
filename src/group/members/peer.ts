import { getBuiltinModule } from '../../guest/builtin.ts';
import type { Guard } from '../../guest/guard.ts';
import { greeting, readLines } from './protocol.ts';

/** The owner's connection to one member. */
export interface Peer {
  /** False once the connection has closed or failed. */
  readonly open: boolean;
  /**
   * Asks the member to bring its files up to date, as soon as it is connected.
   *
   * @returns whether it did so within that many milliseconds. False at once, without asking, if an earlier request is
   * unanswered or the connection has closed. Never rejects.
   */
  flush(millis: number): Promise<boolean>;
  close(): void;
}

export interface PeerOptions {
  /** The member's socket. */
  readonly path: string;
  /** What the member expects in the greeting. */
  readonly secret: string;
  readonly guard: Guard;
  /** Called once, when the connection has failed or closed other than by `close`. */
  readonly onClose: () => void;
}

/** Connects to a member, once. Does not keep the process alive. */
export function connectPeer({ path, secret, guard, onClose }: PeerOptions): Peer {
  let requests = 0;
  /** Takes the answer to the request that is unanswered. */
  let answer: ((flushed: boolean) => void) | undefined;
  const settle = (flushed: boolean): void => {
    answer?.(flushed);
    answer = undefined;
  };
  const socket = getBuiltinModule('node:net').connect({ path });
  const closed = guard('group', onClose);
  const onClosed = (): void => {
    settle(false);
    closed();
  };
  socket.unref();
  socket.on('error', () => {});
  socket.once('close', onClosed);
  readLines(socket, guard, (line) => {
    const flushed = line === `flushed ${requests}`;
    if (answer === undefined || !(flushed || line === `failed ${requests}`)) return false;
    settle(flushed);
    return true;
  });
  socket.write(`${greeting(secret)}\n`);

  return {
    get open() {
      return !socket.destroyed;
    },
    flush(millis) {
      if (socket.destroyed || answer !== undefined) return Promise.resolve(false);
      requests += 1;
      return new Promise((resolve) => {
        // If this process was busy the timer is late, and an answer that has already arrived behind it is in time.
        const timer = setTimeout(() => setImmediate(resolve, false), millis).unref();
        answer = (flushed) => {
          clearTimeout(timer);
          resolve(flushed);
        };
        socket.write(`flush ${requests}\n`);
      });
    },
    close() {
      socket.off('close', onClosed);
      socket.destroy();
      settle(false);
    },
  };
}

/**
 * Whether a process listens: false only if the system refuses the connection or there is no socket. Any other outcome
 * counts as alive, and so does none within `millis` milliseconds: a stopped process is alive.
 */
export function isAlive(path: string, millis: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = getBuiltinModule('node:net').connect({ path });
    socket.unref();
    const timer = setTimeout(() => settle(true), millis).unref();
    const settle = (alive: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(alive);
    };
    socket.once('connect', () => settle(true));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      settle(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
