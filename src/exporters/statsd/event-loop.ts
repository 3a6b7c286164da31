/**
 * Resolves when the event loop has asked the kernel once more what has happened to each socket. One immediate may
 * still run in an iteration that has asked before. The immediates keep the process alive: two iterations, no longer.
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
