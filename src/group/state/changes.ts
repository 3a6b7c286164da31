/** Doubles from one place up to another. */
export interface Range {
  readonly from: number;
  /** The first double that is no longer part of it. */
  readonly to: number;
}

const MOST_RANGES = 32;
/** Doubles that two changes may be apart and still be written together. */
const GAP = 64;

/** Which doubles of a state have changed, in few ranges: to write a slightly larger range costs no more. */
export function createChanges() {
  let ranges: { from: number; to: number }[] = [];
  let last: { from: number; to: number } | undefined;
  let many = false;
  return {
    add(place: number): void {
      if (last !== undefined && place >= last.from && place < last.to + GAP) {
        if (place >= last.to) last.to = place + 1;
        return;
      }
      if (many) return;
      if (ranges.length === MOST_RANGES) {
        many = true;
        last = undefined;
        return;
      }
      last = { from: place, to: place + 1 };
      ranges.push(last);
    },
    /** What has changed since the last call; undefined when there are too many ranges. */
    take() {
      const taken = many ? undefined : ranges;
      ranges = [];
      last = undefined;
      many = false;
      return taken;
    },
    /** What has changed is no longer known. */
    forget(): void {
      many = true;
      last = undefined;
    },
  };
}

export type Changes = ReturnType<typeof createChanges>;
