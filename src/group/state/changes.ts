/** Doubles from one place up to another. */
export interface Range {
  readonly from: number;
  /** The first one that is no longer part of it. */
  readonly to: number;
}

/** Which doubles of a state have changed, in few ranges: writing one that is a little too large costs no more. */
export interface Changes {
  add(place: number): void;
  /** What has changed since this was asked last; undefined when that is too many ranges. */
  readonly take: () => readonly Range[] | undefined;
  /** Nobody can tell what has changed. */
  forget(): void;
}

const MOST_RANGES = 32;
/** Doubles between two that are written together. */
const GAP = 64;

export function createChanges(): Changes {
  let ranges: { from: number; to: number }[] = [];
  let last: { from: number; to: number } | undefined;
  let many = false;
  return {
    add(place) {
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
    take() {
      const taken = many ? undefined : ranges;
      ranges = [];
      last = undefined;
      many = false;
      return taken;
    },
    forget() {
      many = true;
      last = undefined;
    },
  };
}
