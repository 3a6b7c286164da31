/**
 * The preload: `node --import routemeter/register app.js`, or `-r routemeter/register`.
 *
 * It loads next to nothing until the process is an HTTP server or makes an OpenTelemetry instrument, and
 * it never throws into the app.
 */
import { load } from './load.ts';
import { writeStderr } from './stderr.ts';
import { isSupported } from './supported.ts';

try {
  if (isSupported(writeStderr)) load<typeof import('./runtime.ts')>('./runtime').runtime().preload();
} catch (error) {
  writeStderr(`routemeter: not started, the app is not affected: ${String(error)}\n`);
}
