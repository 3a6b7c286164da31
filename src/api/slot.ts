/**
 * Where the calls in an app's code and the recorder of the preload meet, whichever comes first and from whichever copy
 * of the package: a bundled app holds a copy of its own.
 */
export interface Slot {
  /** Somebody has imported the in-request API. */
  imported: boolean;
  /** Called when somebody does. */
  onImport: (() => void) | undefined;
  /** Undefined where nothing is measured: then every call does nothing. */
  recorder: Recorder | undefined;
}

/** Takes what the app's code says, whatever JavaScript passes. Never throws. */
export interface Recorder {
  /** @param attributes which it does not take, so that it can tell what does */
  count(name: string, value: number, attributes?: unknown): void;
  observe(name: string, value: number, options: { readonly unit?: string } | undefined): void;
  tag(key: string, value: string): void;
  /** Begins to time something; undefined where that is not recorded. */
  begin(name: string): Section | undefined;
}

/** Something that is being timed. */
export interface Section {
  /** Runs a part of it: at most the one part whose share of the thread's time is its own. */
  run<Result>(work: () => Result): Result;
  /** It is over; a second time does nothing. */
  end(outcome: Outcome): void;
}

export type Outcome = { readonly failed: false } | { readonly failed: true; readonly error: unknown };

/** The version is that of the interfaces above, not of the package. */
const SLOT = Symbol.for('routemeter.in-request.v1');

/** The one of this process, or of this worker thread. */
export function slot(): Slot {
  const existing = Reflect.get(globalThis, SLOT) as Slot | undefined;
  if (existing !== undefined) return existing;
  const created: Slot = { imported: false, onImport: undefined, recorder: undefined };
  Object.defineProperty(globalThis, SLOT, { value: created });
  return created;
}
