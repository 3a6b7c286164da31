/**
 * Calls back right before the process sends a signal to itself, by `process.kill`, with the signal's number.
 *
 * Nothing else announces it: with a listener the signal arrives a turn of the event loop later, and without one the
 * process is gone. `process.kill` calls `process._kill`, so that wrapping that one keeps the stacks of errors.
 *
 * @returns a function that ends it
 */
export function onSelfKill(process: NodeJS.Process, callback: (signal: number) => void): () => void {
  const original: unknown = Reflect.get(process, '_kill');
  if (typeof original !== 'function') return () => {};
  let ended = false;
  function _kill(this: unknown, ...args: unknown[]): unknown {
    const pid = Number(args[0]);
    // 0 is the process' own group.
    if (!ended && (pid === process.pid || pid === 0)) callback(Number(args[1]));
    return Reflect.apply(original as (...args: unknown[]) => unknown, this, args);
  }
  Reflect.set(process, '_kill', _kill);
  return () => {
    ended = true;
    if (Reflect.get(process, '_kill') === _kill) Reflect.set(process, '_kill', original);
  };
}
