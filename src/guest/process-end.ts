import type { Guard } from './guard.ts';
import { watchSignals } from './signals.ts';

/** A test sets `globalThis[FLUSH]`, in milliseconds, before the preload: on a busy machine a push takes longer. */
const FLUSH = Symbol.for('routemeter.flush');

/** Long enough for a push to a backend that is there, short enough for a process that must end within a second. */
export const FLUSH_MILLIS = Number(Reflect.get(globalThis, FLUSH) ?? 800);

export interface LifecycleOptions {
  readonly guard: Guard;
  /** Pushes what is pending; settles within that many milliseconds and never rejects. */
  readonly flush: (deadlineMillis: number) => Promise<void>;
  /** Called when the process is about to end, after the flush if there is one. */
  readonly handOver: () => void;
  /** Called instead, synchronously, if the process ends now; 'exit' listeners of the app may still record. */
  readonly exit: () => void;
  readonly process: NodeJS.Process;
  /** Signals cannot be listened to in a worker thread. */
  readonly signals: boolean;
}

/**
 * Flushes when the process ends by itself, by SIGTERM or by SIGINT. After `process.exit` or an uncaught exception the
 * event loop does not turn again, so that only `exit` is called.
 *
 * @returns a function that ends it
 */
export function watchProcessEnd(options: LifecycleOptions): () => void {
  const { guard, flush, handOver, exit, process, signals } = options;
  // All flushes of one ending share its time, so that a backend that did not answer the flush of the signal does not
  // delay the end of the app's shutdown as well. A process that lives on gets all of it back a second later.
  let left = FLUSH_MILLIS;
  let finished = false;
  let renewal: NodeJS.Timeout | undefined;
  const spend = async (): Promise<void> => {
    clearTimeout(renewal);
    const start = performance.now();
    if (left > 0) await flush(left);
    left = Math.max(0, left - Math.ceil(performance.now() - start));
    renewal = setTimeout(() => {
      left = FLUSH_MILLIS;
      finished = false;
    }, 1000).unref();
  };
  const watched = signals
    ? watchSignals({ guard, flush: spend, handOver: guard('exit', handOver), process })
    : undefined;
  const onBeforeExit = guard('exit', () => {
    // Node.js emits the event again after the flush.
    if (finished) return;
    finished = true;
    watched?.ending(true);
    void spend().then(() => watched?.ending(false));
  });
  process.on('beforeExit', onBeforeExit);
  const exitNow = guard('exit', exit);
  const onExit = guard('exit', () => {
    exitNow();
    watched?.settle();
  });
  process.on('exit', onExit);
  return () => {
    clearTimeout(renewal);
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
    watched?.stop();
  };
}
