import { getBuiltinModule } from './builtin.ts';

/**
 * Writes to stderr, and drops what it does not take. `process.stderr` would report a reader that has gone away or a
 * full disk by an `error` event, which nobody but us would have caused and which would end the app.
 */
export function writeStderr(text: string): void {
  try {
    getBuiltinModule('node:fs').writeSync(2, text);
  } catch {
    // There is nobody left to tell.
  }
}
