import type { Answer, MetricsRequest } from './metrics-slot.ts';

/**
 * Where the calls in an app's code find the recorder of the preload, whichever comes first, and whichever copy of the
 * package each is from: a bundled app holds its own.
 */
export interface Slot {
  /** The app has imported the API. */
  imported: boolean;
  /** Called when the app imports it. */
  onImport: (() => void) | undefined;
  /** Undefined if nothing is measured: every call then does nothing. */
  recorder: Recorder | undefined;
  /**
   * Answers a request for the metrics of all processes; undefined if they are not served. Missing in a preload older
   * than `metricsHandler`.
   */
  answerMetrics?: ((request: MetricsRequest) => Promise<Answer> | undefined) | undefined;
}

/** Takes the calls of the app's code, with whatever values JavaScript allows. Never throws. */
export interface Recorder {
  /** @param attributes are not supported: a warning names what is */
  count(name: string, value: number, attributes?: unknown): void;
  observe(name: string, value: number, options: { readonly unit?: string } | undefined): void;
  tag(key: string, value: string): void;
  /** Missing in a preload older than the call. */
  route?(pattern: string | null | undefined): void;
  /** Missing in a preload older than the call. */
  ignore?(): void;
  /** Begins to time something; undefined if that is not recorded. */
  begin(name: string): Section | undefined;
}

/** Something that is being timed. */
export interface Section {
  /** Runs the work that is timed, and whose busy time is measured by itself. At most once, or step by step. */
  run<Result>(work: () => Result): Result;
  /** Ends it; a second call does nothing. */
  end(outcome: Outcome): void;
}

export type Outcome = { readonly failed: false } | { readonly failed: true; readonly error: unknown };

/** The version of the interfaces above, not of the package. */
const SLOT = Symbol.for('routemeter.in-request.v1');

/** The one slot of this process or worker thread. */
export function slot(): Slot {
  const existing = Reflect.get(globalThis, SLOT) as Slot | undefined;
  if (existing !== undefined) return existing;
  const created: Slot = { imported: false, onImport: undefined, recorder: undefined };
  Object.defineProperty(globalThis, SLOT, { value: created });
  return created;
}

/**
 * The slot, for a call that the app imports: each of them has it, since bundlers such as Nitro's drop what a package
 * does beside its calls.
 */
export function importedSlot(): Slot {
  const shared = slot();
  shared.imported = true;
  shared.onImport?.();
  return shared;
}
