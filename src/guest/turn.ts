/**
 * Resolves in the next turn of the event loop, so that the app comes to its turn between two pieces of work. It keeps the
 * process alive until then.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
