import { createRequire } from 'node:module';

/** Taken once, without an `import` that would fix what the app's own imports of the module see. */
const { writeSync } = createRequire(import.meta.url)('node:fs') as typeof import('node:fs');

/**
 * Writes to stderr, and drops what it does not take. `process.stderr` would report a reader that has gone away or a
 * full disk by an `error` event, which nobody but us would have caused and which would end the app.
 */
export function writeStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // There is nobody left to tell.
  }
}
