/**
 * Resolves after the event loop has polled all sockets once more. It takes two immediates, since the first may run
 * in an iteration that has already polled; they keep the process alive for no more than these two iterations.
 */
export function nextPoll(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

/** Does not keep the process alive. */
export function delay(millis: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, millis).unref();
  });
}
