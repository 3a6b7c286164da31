import type { Guard } from './guard.ts';

/** Long enough for a push to a backend that is there, short enough for a process that must end within a second. */
export const FLUSH_MILLIS = 800;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
type Signal = (typeof SIGNALS)[number];

export interface LifecycleOptions {
  readonly guard: Guard;
  /** Pushes what is pending; settles within that many milliseconds and never rejects. */
  readonly flush: (deadlineMillis: number) => Promise<void>;
  /** Called when the process is about to end, after the flush if there is one. */
  readonly handOver: () => void;
  readonly process: NodeJS.Process;
  /** Signals cannot be listened to in a worker thread. */
  readonly signals: boolean;
}

/**
 * Flushes when the process ends by itself, by SIGTERM or SIGINT. Nothing can be flushed once `process.exit` has been
 * called or an exception was not caught: the SDK collects asynchronously.
 *
 * A signal goes on to mean what it meant: our listener takes itself away as soon as it is called. If nobody else
 * listens, the process gets the same signal again after the flush; otherwise the flush runs beside the app's own
 * shutdown.
 *
 * @returns a function that ends it
 */
export function watchProcessEnd({ guard, flush, handOver, process, signals }: LifecycleOptions): () => void {
  // All flushes of one ending share its time: a backend that let the signal's flush wait in vain is not waited for
  // again when the app has shut down. A process that lives on has it all again a second later.
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
  const onBeforeExit = guard('exit', () => {
    // It comes again after the flush.
    if (finished) return;
    finished = true;
    void spend();
  });
  process.on('beforeExit', onBeforeExit);
  const onExit = guard('exit', handOver);
  process.on('exit', onExit);
  const watched = { guard, flush: spend, handOver: onExit, process };
  const disarm = signals ? SIGNALS.map((signal) => watchSignal(signal, watched)) : [];
  return () => {
    clearTimeout(renewal);
    process.off('beforeExit', onBeforeExit);
    process.off('exit', onExit);
    for (const end of disarm) end();
  };
}

interface Watched extends Pick<LifecycleOptions, 'guard' | 'process'> {
  readonly flush: () => Promise<void>;
  readonly handOver: () => void;
}

function watchSignal(signal: Signal, { guard, flush, handOver, process }: Watched): () => void {
  let ended = false;
  // First in the list, so that a listener that counts its fellows, as signal-exit does, no longer sees ours.
  const arm = (): void => {
    if (!ended && !process.listeners(signal).includes(listener)) process.prependListener(signal, listener);
  };
  const resend = (): void => {
    process.off(signal, listener);
    handOver();
    process.kill(process.pid, signal);
    // Still here a moment later: process 1 of a container, to which a default signal does nothing.
    setTimeout(arm, 100).unref();
  };
  const onSignal = guard('signal', (): true => {
    const others = process.listenerCount(signal);
    if (others === 0) {
      void flush().then(resend);
    } else if (signalExitWouldEnd(others, process)) {
      // It ends the process at once if it finds itself alone: keep it company for this one delivery.
      process.prependListener(signal, listener);
      setImmediate(() => process.off(signal, listener));
      void flush().then(resend);
    } else {
      void flush();
      setImmediate(arm);
    }
    return true;
  });
  const listener = (): void => {
    process.off(signal, listener);
    if (onSignal() !== true && process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  arm();
  return () => {
    ended = true;
    process.off(signal, listener);
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
