/**
 * The preload: `node --import routemeter/register app.js`, or `-r routemeter/register`.
 *
 * It loads next to nothing until one of three things happens: the process is an HTTP server, it makes an OpenTelemetry
 * instrument, or it calls `count`, `observe` or `time` outside of a request. It never throws into the app.
 */
import { load } from './guest/load.ts';
import { writeStderr } from './guest/stderr.ts';
import { isSupported } from './guest/supported.ts';

try {
  if (isSupported(writeStderr)) load<typeof import('./session.ts')>('./session').session().preload();
} catch (error) {
  writeStderr(`routemeter: not started, the app is not affected: ${String(error)}\n`);
}
