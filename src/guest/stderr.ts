import { createRequire } from 'node:module';

/** Required, since an `import` would fix what the app's own imports of the module see. */
const { writeSync } = createRequire(import.meta.url)('node:fs') as typeof import('node:fs');

/**
 * Writes to stderr and drops what stderr does not take. `process.stderr` would report a closed reader or a full disk
 * by an `error` event, which we would have caused and which would end the app.
 */
export function writeStderr(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // There is nowhere left to report it.
  }
}
