// A preload with nothing but our watch over the end of the process. A flush takes FLUSH milliseconds, and prints when
// it begins and when it is over.
import { createGuard } from '../../src/guest/guard.ts';
import { createLog } from '../../src/guest/log.ts';

globalThis[Symbol.for('routemeter.flush')] = 60_000;
const { watchProcessEnd } = await import('../../src/guest/process-end.ts');
const flushMillis = Number(process.env.FLUSH);
watchProcessEnd({
  guard: createGuard(createLog('info', (line) => process.stderr.write(line))),
  async flush() {
    console.error('flushing');
    if (flushMillis > 0) await new Promise((resolve) => setTimeout(resolve, flushMillis));
    console.error('flushed');
  },
  handOver() {},
  exit() {},
  process,
  signals: true,
});
