import { constants } from 'node:os';
import type { Guard } from './guard.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof SIGNALS)[number];

/** Milliseconds after which a process that sent itself a signal, and still runs, has survived it. */
const SURVIVED_MILLIS = 100;

export interface SignalOptions {
  readonly guard: Guard;
  /** Pushes what is pending; never rejects. */
  readonly flush: () => Promise<void>;
  /** Called when the process is about to end by a signal. */
  readonly handOver: () => void;
  readonly process: NodeJS.Process;
}

/**
 * Flushes at SIGTERM and SIGINT without changing what these signals do.
 *
 * Our listener removes itself as soon as it is called. If nobody else listens, the process gets the same signal again
 * after the flush; otherwise the flush runs beside the app's own shutdown. After the first signal our listener is there
 * only while the app has one: an app that has shut down removes its own and then sends itself the signal, or waits for
 * the next one, and expects the default action.
 */
export function watchSignals({ guard, flush, handOver, process }: SignalOptions) {
  let stopped = false;
  let ending = false;
  /** The signal after whose flush the process dies. */
  let dying: Signal | undefined;
  /** The signal that the process sent to itself while only we listened. */
  let owed: Signal | undefined;
  let wait: NodeJS.Timeout | undefined;
  const watched = SIGNALS.map((signal) => createWatched(signal));
  const seenAny = (): boolean => watched.some(({ seen }) => seen);

  function createWatched(signal: Signal) {
    const watch = { signal, seen: false, place, withdraw, isAlone, onRemoved, onAdded, die };
    /** Whether the app has removed a listener in this very call, which may be the delivery of the signal. */
    let justRemoved = false;
    let withdrawing = false;

    const isPlaced = (): boolean => process.listeners(signal).includes(listener);
    function isAlone(): boolean {
      return isPlaced() && process.listenerCount(signal) === 1;
    }
    /**
     * Ours is the first in the list, so that a listener that counts all listeners, as signal-exit does, no longer sees
     * it, and a listener that removes itself is still there when ours runs.
     */
    function place(): void {
      if (stopped || dying !== undefined || process.listeners(signal)[0] === listener) return;
      withdraw();
      if (ending || !watch.seen || process.listenerCount(signal) > 0)
        process.prependListener(signal, listener);
    }
    function withdraw(): void {
      withdrawing = true;
      process.off(signal, listener);
      withdrawing = false;
    }
    function onRemoved(removed: unknown): void {
      if (removed === listener) {
        // An app that removes all listeners means only its own.
        if (!withdrawing) process.nextTick(place);
        return;
      }
      justRemoved = true;
      queueMicrotask(() => {
        justRemoved = false;
      });
      if (watch.seen && !ending && isAlone()) withdraw();
    }
    function onAdded(added: unknown): void {
      if (added !== listener) process.nextTick(place);
    }
    function die(): void {
      dying = undefined;
      withdraw();
      handOver();
      process.kill(process.pid, signal);
      survive();
    }
    /** Still running a moment later: it is process 1 of a container, which ignores a signal by default. */
    const survive = (): void => {
      setTimeout(() => {
        owed = undefined;
        watch.seen = false;
        place();
      }, SURVIVED_MILLIS).unref();
    };

    const onSignal = guard('signal', (): true => {
      const others = process.listenerCount(signal);
      const sentToItself = owed === signal;
      if (sentToItself) owed = undefined;
      if (others > 0 ? !signalExitWouldEnd(others, process) : justRemoved) {
        watch.seen = true;
        if (sentToItself && others === 0) die();
        void flush();
        setImmediate(place);
      } else if (ending && !sentToItself) {
        process.exit();
      } else if (dying !== undefined && others === 0) {
        // Without us the first signal would have ended it.
        watched.find((each) => each.signal === dying)?.die();
      } else {
        watch.seen = true;
        dying = signal;
        if (others > 0) {
          // signal-exit ends the process at once if it is the only listener: ours stays for this one delivery.
          process.prependListener(signal, listener);
          setImmediate(withdraw);
        }
        void flush().then(die);
      }
      return true;
    });
    const listener = (_name?: unknown, number?: unknown): void => {
      // The app emitted this event itself; without a listener that would do nothing.
      if (number === undefined && isAlone() && !justRemoved) return;
      clearTimeout(wait);
      withdraw();
      if (onSignal() !== true && process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    return watch;
  }

  const find = (name: unknown) => watched.find(({ signal }) => signal === name);
  const onRemoved = guard('signal', (name: unknown, removed: unknown) => find(name)?.onRemoved(removed));
  const onAdded = guard('signal', (name: unknown, added: unknown) => find(name)?.onAdded(added));
  const onSelf = guard('signal', (number: number): void => {
    // Without us the process would have ended before.
    find(dying)?.die();
    const own = watched.find(({ signal }) => constants.signals[signal] === number);
    if (own === undefined || !own.isAlone()) return;
    if (seenAny() || ending) {
      // The app has shut down, and ends itself by the signal.
      own.withdraw();
      handOver();
    } else {
      owed = own.signal;
      // With nothing else to do, the process would end before the signal arrives.
      wait = setTimeout(() => {}, SURVIVED_MILLIS);
    }
  });
  process.on('removeListener', onRemoved);
  process.on('newListener', onAdded);
  const endSelfKill = onSelfKill(process, onSelf);
  for (const { place } of watched) place();

  return {
    /** While true, only our flush keeps the process alive: a signal then ends it as it would have ended by itself. */
    ending(yes: boolean): void {
      ending = yes;
      // Afterwards ours stays: removing it would cause another turn of the event loop, and another beforeExit.
      if (yes) for (const { place } of watched) place();
    },
    /** The process exits: a signal that it sent to itself before, and that our listener holds up, ends it. */
    settle(): void {
      const last = find(owed);
      if (last?.isAlone()) last.die();
    },
    stop(): void {
      stopped = true;
      clearTimeout(wait);
      endSelfKill();
      process.off('removeListener', onRemoved);
      process.off('newListener', onAdded);
      for (const { withdraw } of watched) withdraw();
    },
  };
}

/**
 * Whether the package signal-exit, version 3 or 4, would end the process at this signal: version 3 does if all
 * listeners are its own, version 4 if all are its own or those of version 3. Each keeps their number in a global.
 */
function signalExitWouldEnd(listeners: number, process: NodeJS.Process): boolean {
  const three = countOf(Reflect.get(process, '__signal_exit_emitter__'));
  const four = countOf(Reflect.get(globalThis, Symbol.for('signal-exit emitter')));
  return listeners === three || (four > 0 && listeners === three + four);
}

function countOf(emitter: unknown): number {
  const count: unknown = typeof emitter === 'object' && emitter !== null ? Reflect.get(emitter, 'count') : 0;
  return typeof count === 'number' ? count : 0;
}

/**
 * Calls back right before the process sends a signal to itself, by `process.kill`, with the signal's number.
 *
 * Nothing else announces it: with a listener the signal arrives a turn of the event loop later, and without one the
 * process is gone. `process.kill` calls `process._kill`, so that wrapping that one keeps the stacks of errors.
 *
 * @returns a function that ends it
 */
function onSelfKill(process: NodeJS.Process, callback: (signal: number) => void): () => void {
  const original: unknown = Reflect.get(process, '_kill');
  if (typeof original !== 'function') return () => {};
  let ended = false;
  function _kill(this: unknown, ...args: unknown[]): unknown {
    const pid = Number(args[0]);
    // 0 is the process' own group.
    if (!ended && (pid === process.pid || pid === 0)) callback(Number(args[1]));
    return Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
  }
  Reflect.set(process, '_kill', _kill);
  return () => {
    ended = true;
    if (Reflect.get(process, '_kill') === _kill) Reflect.set(process, '_kill', original);
  };
}
