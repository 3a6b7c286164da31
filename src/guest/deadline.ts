/**
 * Waits for a promise until a deadline. The work behind the promise goes on after it.
 *
 * @param options.keepsAlive whether the wait itself may keep the process alive
 * @returns whether the promise was fulfilled in time; rejects if it was rejected in time
 */
export async function inTime(
  promise: Promise<unknown>,
  millis: number,
  { keepsAlive = false }: { readonly keepsAlive?: boolean } = {},
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, millis, false);
    if (!keepsAlive) timer.unref();
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
