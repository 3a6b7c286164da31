import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppProcess } from '../../app-process.ts';
import type { Scrape } from './scrape.ts';
import { bound, MEASURES, TestedGroup } from './tested-group.ts';

/** With a thread that listens as well. */
const PROGRAM = `
  import { createServer } from 'node:http';
  import { Worker } from 'node:worker_threads';
  const server = "import http from 'node:http'; http.createServer().listen(0, '127.0.0.1')";
  createServer().listen(0, '127.0.0.1', () => {
    console.log('started', performance.timeOrigin);
    new Worker(server, { eval: true });
  });
`;

const ENV = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: '' };

/** In seconds since 1970, as the process itself knows it. */
async function startOf(app: AppProcess): Promise<number> {
  const [, millis] = await app.line('stdout', /^started (\S+)$/);
  return Number(millis) / 1000;
}

const served = ({ families }: Scrape): (readonly [labels: number, value: number])[] =>
  (families.get('process_start_time_seconds')?.samples ?? []).map(({ labels, value }) => [
    labels.size,
    value,
  ]);

test(
  'the time of the start is that of the process that was started last, whichever serves',
  bound,
  async () => {
    const group = await TestedGroup.create();
    const start = async (): Promise<AppProcess> => {
      const app = group.launch(PROGRAM, { env: ENV });
      await app.lines('stderr', MEASURES, 2);
      return app;
    };
    const first = await start();
    const [alone, later] = [await group.scrapeUntil({ fresh: 2 }), await group.scrape()];
    assert.deepEqual(served(alone), [[0, await startOf(first)]]);
    assert.deepEqual(served(later), served(alone));
    const second = await start();
    assert.deepEqual(served(await group.scrapeUntil({ fresh: 4 })), [[0, await startOf(second)]]);
    assert.ok((await startOf(second)) > (await startOf(first)));
    await first.end('SIGTERM');
    assert.deepEqual(served(await group.scrapeUntil({ fresh: 2, retired: 2 })), [[0, await startOf(second)]]);
    const third = group.launch(PROGRAM, { env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node' } });
    await third.lines('stderr', MEASURES, 2);
    assert.deepEqual(served(await group.scrapeUntil({ fresh: 4 })), [[0, await startOf(second)]]);
  },
);
