/**
 * The preload: `node --import routemeter/register app.js`, or `-r routemeter/register`.
 *
 * It loads next to nothing until the process listens as an HTTP server or makes an OpenTelemetry instrument, and
 * it never throws into the app.
 */
import { load } from './load.ts';
import { writeStderr } from './stderr.ts';

const MINIMUM = [22, 15] as const;

try {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM[0] || (major === MINIMUM[0] && minor < MINIMUM[1])) {
    writeStderr(
      `routemeter: Node.js ${process.versions.node} is too old, ${MINIMUM.join('.')} or newer is needed; nothing is measured\n`,
    );
  } else {
    load<typeof import('./runtime.ts')>('./runtime').runtime().preload();
  }
} catch (error) {
  writeStderr(`routemeter: not started, the app is not affected: ${String(error)}\n`);
}
