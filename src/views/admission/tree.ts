/** What there is below one value; the last level holds what is found. */
interface Level<Value, Leaf> {
  readonly all: Map<Value | undefined, Level<Value, Leaf> | Leaf>;
  /** The value that came last, which the next one nearly always is: comparing is faster than looking up. */
  value: Value | undefined;
  /** What there is for it; undefined if that is not known. */
  next: Level<Value, Leaf> | Leaf | undefined;
}

/**
 * Finds something by several values at once, without making a key of them.
 *
 * @param count how many values; without any there is one thing to be found
 */
export function createTree<Value, Leaf>(count: number) {
  const depth = Math.max(1, count);
  const root = newLevel<Value, Leaf>();

  const remove = (level: Level<Value, Leaf>, values: readonly Value[], i: number): void => {
    const next = level.all.get(values[i]);
    if (next === undefined) return;
    if (i < depth - 1) {
      const lower = next as Level<Value, Leaf>;
      remove(lower, values, i + 1);
      if (lower.all.size > 0) return;
    }
    level.all.delete(values[i]);
    level.next = undefined;
  };

  return {
    find(values: readonly Value[]): Leaf | undefined {
      let level = root;
      for (let i = 0; ; i++) {
        const value = values[i];
        let next = level.value === value ? level.next : undefined;
        if (next === undefined) {
          next = level.all.get(value);
          if (next === undefined) return undefined;
          level.value = value;
          level.next = next;
        }
        if (i === depth - 1) return next as Leaf;
        level = next as Level<Value, Leaf>;
      }
    },
    set(values: readonly Value[], leaf: Leaf): void {
      let level = root;
      for (let i = 0; i < depth - 1; i++) {
        let next = level.all.get(values[i]) as Level<Value, Leaf> | undefined;
        if (next === undefined) {
          next = newLevel();
          level.all.set(values[i], next);
        }
        level = next;
      }
      level.all.set(values[depth - 1], leaf);
      level.next = undefined;
    },
    /** Does nothing if there is nothing. */
    remove: (values: readonly Value[]): void => remove(root, values, 0),
  };
}

function newLevel<Value, Leaf>(): Level<Value, Leaf> {
  return { all: new Map(), value: undefined, next: undefined };
}
