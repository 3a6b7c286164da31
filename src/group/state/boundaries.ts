/** Bucket boundaries of one histogram, which several processes may have set differently. */
type Boundaries = readonly number[];

/** All that any of them has, in order. */
export function unionOf(all: readonly Boundaries[]): Boundaries {
  const [first = []] = all;
  if (all.every((each) => equal(each, first))) return first;
  return [...new Set(all.flat())].sort((a, b) => a - b);
}

/** Those of the union that all of them have; undefined if that is the whole union, or if there are none. */
export function sharedOf(union: Boundaries, all: readonly Boundaries[]): Boundaries | undefined {
  if (all.length === 0 || all.every((each) => equal(each, union))) return undefined;
  return union.filter((bound) => all.every((each) => each.includes(bound)));
}

/** The bucket of the union in which each bucket counts, by its upper bound; undefined if they are the same. */
export function bucketsOf(boundaries: Boundaries, union: Boundaries): Int32Array | undefined {
  if (equal(boundaries, union)) return undefined;
  return Int32Array.from([...boundaries.map((bound) => union.indexOf(bound)), union.length]);
}

function equal(a: Boundaries, b: Boundaries): boolean {
  return a === b || (a.length === b.length && a.every((bound, i) => bound === b[i]));
}
