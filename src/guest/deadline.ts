/**
 * Waits for a promise until a deadline; what it is about goes on all the same.
 *
 * @param options.keepsAlive whether the wait itself may keep the process alive
 * @returns whether it was fulfilled in time; rejects if the promise was rejected before that
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
