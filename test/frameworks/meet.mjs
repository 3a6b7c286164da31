/** Not a variable of this file, of which a bundler may make several copies. */
const WAITING = Symbol.for('meet');

/** Two wait for one another. */
export async function meet() {
  const first = globalThis[WAITING];
  globalThis[WAITING] = undefined;
  if (first !== undefined) return first();
  return new Promise((resolve) => {
    globalThis[WAITING] = resolve;
  });
}
