/** A reader of the SDK, which keeps for each what it has reported to it. */
export type Reader = object;

/** A series among those of an instrument. */
export interface Place {
  /** Something was recorded since a reader last began to collect. */
  touched: boolean;
  /** When that was noticed last, in milliseconds, and by which collection. */
  noticed: number;
  collection: number;
  /** The readers that have forgotten the series since then, a bit each. */
  forgotten: number;
}

/** What has to be done when series end. */
export interface SeriesEnd<Series> {
  /** See {@link Places.forget}. */
  forget(series: Series, reader: Reader): boolean | undefined;
  /** The series has ended for all readers. */
  removed?(series: Series): void;
}

/** The series of an instrument. */
export interface Places<Each extends Place> {
  all(): Iterable<Each>;
  /**
   * Lets a reader start the series anew, if it ever comes back.
   *
   * @returns false if it has to remember the series; undefined if nothing can be forgotten
   */
  forget(place: Each, reader: Reader): boolean | undefined;
  /** All readers have forgotten the series, which may give up its place. */
  remove(place: Each): void;
}

export interface LifetimesOptions {
  /** Milliseconds without a measurement after which a series ends. */
  readonly ttlMillis: number;
  /** At most 31. */
  readonly readers: readonly Reader[];
  /** Whether everything that the reader has collected has arrived where it goes. */
  readonly isDelivered: (reader: Reader) => boolean;
  /** Whether nobody sees what is collected by the collection that begins: then it ends no series. */
  readonly isUnseen: () => boolean;
  /** A collection that may have ended series is over. */
  readonly onOver: (reader: Reader) => void;
  /** The readers can forget nothing, so that no series ends. */
  readonly onUnforgettable: () => void;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

export interface Lifetimes {
  add<Each extends Place>(places: Places<Each>): void;
  /**
   * A reader begins to collect.
   *
   * @returns a function to be called when the collection is over
   */
  begin(reader: Reader): (collected: boolean) => void;
}

export function newPlace(): Place {
  return { touched: true, noticed: 0, collection: 0, forgotten: 0 };
}

interface ReaderState {
  readonly bit: number;
  /** Collections that are not over. */
  running: number;
  /** The number of the last collection that is over, and of the last whose content has arrived. */
  collected: number;
  delivered: number;
}

/**
 * Ends series to which nothing was recorded for long, for each reader by itself. A reader forgets a series when it
 * begins to collect, so that this collection is without it, and only if the series' last value has arrived. So each
 * reader sees every measurement once, and no value goes down unless the series was absent before. When all readers have
 * forgotten a series its place is free.
 */
export function createLifetimes(options: LifetimesOptions): Lifetimes {
  const { ttlMillis, readers, isDelivered, isUnseen, onOver, onUnforgettable, now } = options;
  const states = new Map<Reader, ReaderState>(
    readers.map((reader, i) => [reader, { bit: 1 << i, running: 0, collected: 0, delivered: 0 }]),
  );
  const everyBit = 2 ** readers.length - 1;
  const sweeps: ((reader: Reader, state: ReaderState, mayForget: boolean) => void)[] = [];
  let collections = 0;
  let time = 0;

  const sweep = <Each extends Place>(
    places: Places<Each>,
    reader: Reader,
    { bit, delivered }: ReaderState,
    mayForget: boolean,
  ): void => {
    for (const place of places.all()) {
      if (place.touched) {
        place.touched = false;
        place.noticed = time;
        place.collection = collections;
        place.forgotten = 0;
        continue;
      }
      const isDue = time - place.noticed >= ttlMillis && delivered >= place.collection;
      if (!mayForget || !isDue || (place.forgotten & bit) !== 0) continue;
      const isForgotten = places.forget(place, reader);
      if (isForgotten === undefined) onUnforgettable();
      if (isForgotten !== true) {
        // Only a measurement can change that.
        place.noticed = time;
        continue;
      }
      place.forgotten |= bit;
      if (place.forgotten === everyBit) places.remove(place);
    }
  };

  return {
    add(places) {
      sweeps.push((reader, state, mayForget) => sweep(places, reader, state, mayForget));
    },
    begin(reader) {
      const state = states.get(reader);
      if (state === undefined) return () => {};
      collections += 1;
      time = now();
      const number = collections;
      if (isDelivered(reader)) state.delivered = state.collected;
      const seen = !isUnseen();
      // A collection that is under way may still hand over what would be forgotten.
      const mayForget = seen && state.running === 0;
      for (const each of sweeps) each(reader, state, mayForget);
      state.running += 1;
      return (collected) => {
        state.running -= 1;
        if (mayForget) onOver(reader);
        if (collected && seen) state.collected = Math.max(state.collected, number);
      };
    },
  };
}
