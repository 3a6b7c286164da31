let waiting;

/** Two wait for one another. */
export function meet() {
  const first = waiting;
  waiting = undefined;
  if (first !== undefined) return first();
  return new Promise((resolve) => {
    waiting = resolve;
  });
}
