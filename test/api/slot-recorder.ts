import { type Recorder, slot } from '../../src/api/slot.ts';

/** What one section has been told. */
export interface Timed {
  readonly name: string;
  /** Whether a part of it is running now. */
  running: boolean;
  /** Of each time that it was ended: `fine`, or what was thrown. */
  readonly ends: unknown[];
}

export interface SlotRecorder {
  /** Each section that has begun, in order. */
  readonly timed: readonly Timed[];
  /** What else was called, by name and arguments. */
  readonly calls: readonly (readonly unknown[])[];
}

/** Puts a recorder that keeps what it is told into the slot, for the time of a test. */
export function recordIntoSlot(
  test: { after(end: () => void): void },
  refuses: (name: string) => boolean = () => false,
): SlotRecorder {
  const timed: Timed[] = [];
  const calls: unknown[][] = [];
  const recorder: Recorder = {
    count: (...given) => void calls.push(['count', ...given]),
    observe: (...given) => void calls.push(['observe', ...given]),
    tag: (...given) => void calls.push(['tag', ...given]),
    route: (...given) => void calls.push(['route', ...given]),
    ignore: () => void calls.push(['ignore']),
    begin(name) {
      if (refuses(name)) return undefined;
      const section: Timed = { name, running: false, ends: [] };
      timed.push(section);
      return {
        run(work) {
          section.running = true;
          try {
            return work();
          } finally {
            section.running = false;
          }
        },
        end: (outcome) => void section.ends.push(outcome.failed ? outcome.error : 'fine'),
      };
    },
  };
  const before = slot().recorder;
  slot().recorder = recorder;
  test.after(() => {
    slot().recorder = before;
  });
  return { timed, calls };
}

/** The first end of each section: the later ones do nothing. */
export function ends({ timed }: SlotRecorder): unknown[] {
  return timed.map((section) => section.ends[0]);
}
