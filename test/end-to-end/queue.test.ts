/** Requests to a process whose event loop is blocked: what they waited, and what they took, is what the client saw. */
import assert from 'node:assert/strict';
import { constants, setPriority } from 'node:os';
import { describe, it } from 'node:test';
import { HTTP_ENGINES } from '../../src/config/types.ts';
import { AppProcess, samples } from '../app-process.ts';
import { LONG, SEED } from '../length.ts';

const SECONDS = 30;
/** Of what the client saw. */
const TOLERANCE = 0.05;

/** Waiting for a processor looks like sleeping, and is in neither number of the server. */
function hurry({ child: { pid = 0 } }: AppProcess): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
  } catch {
    // Only root may.
  }
}

const total = (exposition: string, metric: string): number =>
  Object.values(samples(exposition, metric)).reduce((sum, value) => sum + value, 0);

describe('waiting behind blocks of 500 ms', { skip: !LONG }, () => {
  for (const engine of HTTP_ENGINES) {
    it(`is all that the duration lacks, by the engine ${engine}, with the seed ${SEED}`, async (t) => {
      const app = new AppProcess('blocked.mjs', {
        env: { ROUTEMETER_QUEUE: 'true', ROUTEMETER_HTTP_ENGINE: engine },
      });
      const client = new AppProcess('blocked-client.mjs', {
        flags: [],
        args: [await app.url(), String(SEED), String(SECONDS)],
      });
      hurry(app);
      hurry(client);
      await client.line('stdout', /^connected$/);
      const before = await app.scrape();
      client.child.send('go');
      const [, count, seen] = await client.line('stdout', /^(\d+) requests took ([\d.]+) s$/);
      const after = await app.scrape();
      const added = (metric: string): number => total(after, metric) - total(before, metric);
      assert.equal(added('http_server_request_queue_duration_seconds_count'), Number(count));
      const waited = added('http_server_request_queue_duration_seconds_sum');
      const took = added('http_server_request_duration_seconds_sum');
      const what = `${waited.toFixed(1)} s of waiting and ${took.toFixed(1)} s, of ${Number(seen).toFixed(1)} s`;
      t.diagnostic(what);
      assert.ok(Math.abs(waited + took - Number(seen)) <= TOLERANCE * Number(seen), what);
    });
  }
});
