/** One level per value; the last one holds what is found. */
interface Level<Value, Leaf> extends Map<Value | undefined, Level<Value, Leaf> | Leaf> {}

/**
 * Finds something by several values at once, without making a key of them.
 *
 * @param count how many values; without any there is one thing to be found
 */
export function createTree<Value, Leaf>(count: number) {
  const depth = Math.max(1, count);
  const root: Level<Value, Leaf> = new Map();

  const remove = (level: Level<Value, Leaf>, values: readonly Value[], i: number): void => {
    const next = level.get(values[i]);
    if (next === undefined) return;
    if (i < depth - 1) {
      const lower = next as Level<Value, Leaf>;
      remove(lower, values, i + 1);
      if (lower.size > 0) return;
    }
    level.delete(values[i]);
  };

  return {
    find(values: readonly Value[]): Leaf | undefined {
      let node: Level<Value, Leaf> | Leaf | undefined = root;
      for (let i = 0; i < depth; i++) {
        node = (node as Level<Value, Leaf>).get(values[i]);
        if (node === undefined) return undefined;
      }
      return node as Leaf;
    },
    set(values: readonly Value[], leaf: Leaf): void {
      let level = root;
      for (let i = 0; i < depth - 1; i++) {
        let next = level.get(values[i]) as Level<Value, Leaf> | undefined;
        if (next === undefined) {
          next = new Map();
          level.set(values[i], next);
        }
        level = next;
      }
      level.set(values[depth - 1], leaf);
    },
    /** Does nothing if there is nothing. */
    remove: (values: readonly Value[]): void => remove(root, values, 0),
  };
}
