import { constants } from 'node:os';
import type { Guard } from './guard.ts';
import { onSelfKill } from './self-kill.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof SIGNALS)[number];

/** Milliseconds after which a process that sent itself a signal, and is still there, does not die of it. */
const SURVIVED_MILLIS = 100;

export interface SignalOptions {
  readonly guard: Guard;
  /** Pushes what is pending; never rejects. */
  readonly flush: () => Promise<void>;
  /** Called when the process is about to end by a signal. */
  readonly handOver: () => void;
  readonly process: NodeJS.Process;
}

export interface Signals {
  /** While true nothing but our flush keeps the process: a signal then ends it as it would have ended by itself. */
  ending(yes: boolean): void;
  /** The process exits: a signal that it had sent to itself before, and that waits for us, is its end. */
  settle(): void;
  stop(): void;
}

/**
 * Flushes at SIGTERM and SIGINT, and leaves to each what it means.
 *
 * Our listener takes itself away as soon as it is called. If nobody else listens, the process gets the same signal again
 * after the flush; otherwise the flush runs beside the app's own shutdown. Once a signal has come, our listener is there
 * only while the app has one: an app that is done takes its listener away and sends itself the signal, or waits for
 * the next one, and means the default.
 */
export function watchSignals({ guard, flush, handOver, process }: SignalOptions): Signals {
  let stopped = false;
  let ending = false;
  /** Flushing, to die of it. */
  let dying: Signal | undefined;
  /** What the process has sent to itself when nobody but us listened. */
  let owed: Signal | undefined;
  let wait: NodeJS.Timeout | undefined;
  const watched = SIGNALS.map((signal) => createWatched(signal));
  const seenAny = (): boolean => watched.some(({ seen }) => seen);

  function createWatched(signal: Signal) {
    const watch = { signal, seen: false, place, withdraw, isAlone, onRemoved, onAdded, die };
    /** Whether an app's listener was taken away in this very call, which may be that of the signal. */
    let justRemoved = false;
    let withdrawing = false;

    const isPlaced = (): boolean => process.listeners(signal).includes(listener);
    function isAlone(): boolean {
      return isPlaced() && process.listenerCount(signal) === 1;
    }
    /**
     * First in the list, so that a listener that counts its fellows, as signal-exit does, no longer sees ours, and one
     * that takes itself away is still there when we look.
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
        // An app that removes all listeners means its own.
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
    /** Still here a moment later: process 1 of a container, to which a default signal does nothing. */
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
        // It would have ended by the first one.
        watched.find((each) => each.signal === dying)?.die();
      } else {
        watch.seen = true;
        dying = signal;
        if (others > 0) {
          // It ends the process at once if it finds itself alone: keep it company for this one delivery.
          process.prependListener(signal, listener);
          setImmediate(withdraw);
        }
        void flush().then(die);
      }
      return true;
    });
    const listener = (_name?: unknown, number?: unknown): void => {
      // What the app emits by itself is no signal, and does nothing where nobody listens.
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
    // It would have ended before it came to this.
    find(dying)?.die();
    const own = watched.find(({ signal }) => constants.signals[signal] === number);
    if (own === undefined || !own.isAlone()) return;
    if (seenAny() || ending) {
      // The app is shutting down, and this is its last word.
      own.withdraw();
      handOver();
    } else {
      owed = own.signal;
      // With nothing else to do the process would end before it hears the signal.
      wait = setTimeout(() => {}, SURVIVED_MILLIS);
    }
  });
  process.on('removeListener', onRemoved);
  process.on('newListener', onAdded);
  const endSelfKill = onSelfKill(process, onSelf);
  for (const { place } of watched) place();

  return {
    ending(yes) {
      ending = yes;
      // Afterwards ours stays: taking it away would make another turn of the event loop, and another beforeExit.
      if (yes) for (const { place } of watched) place();
    },
    settle() {
      const last = find(owed);
      if (last?.isAlone()) last.die();
    },
    stop() {
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
 * Whether the package signal-exit, version 3 or 4, would take this signal for a deadly one: version 3 does when all
 * listeners are its own, version 4 when all are its own or version 3's. Each keeps their number in a global place.
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
