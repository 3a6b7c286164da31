import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchMetrics } from '../../bench/fetch-metrics.ts';
import { startApp } from '../../bench/processes.ts';

describe("the scrape benchmark's app", () => {
  it("serves its series through the package's own exporter", async () => {
    const app = await startApp({ script: 'scrape-routemeter.mjs', scriptArguments: ['3'] });
    try {
      assert.equal(await app.ask('touch'), 3);
      const { body } = await fetchMetrics(await app.ask<number>('port'));
      assert.equal(
        [...body.toString().matchAll(/^http_server_request_duration_seconds_count\{/gm)].length,
        3,
      );
    } finally {
      await app.stop();
    }
  });
});
