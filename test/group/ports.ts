import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port on which nothing listens now, out of those that the system does not give out by itself, so that no other
 * test gets it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_240 + Math.floor(Math.random() * 20_000);
    const probe = createServer();
    try {
      await once(probe.listen(port, 'localhost'), 'listening');
    } catch {
      continue;
    }
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
