/** What the scrape benchmark asks of each variant: fill the series, watch the event loop, time a bare collect. */
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { setTimeout: sleep } = require('node:timers/promises');
const control = require('./control.cjs');
const { duration, series } = require('./series.cjs');

const RESOLUTION_MILLIS = 1;

/**
 * @param server the http.Server that serves /metrics, listening
 * @param attributes makes a variant's own attributes out of one of series.cjs
 * @param record records one duration in seconds
 * @param collect the SDK's collect, where there is one
 */
module.exports = function probe({ server, attributes, record, collect }) {
  const all = series(Number(process.argv[2])).map(attributes);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS });
  let records = 0;

  control({
    port: () => server.address().port,
    /** One record on every series; gives the number of records so far. */
    touch() {
      for (const one of all) record(duration(records++), one);
      return records;
    },
    async watch() {
      delay.enable();
      await sleep(20);
      delay.reset();
    },
    /** Milliseconds of the longest block since `watch`. */
    async blocked() {
      await sleep(20);
      delay.disable();
      return Math.max(0, delay.max / 1e6 - RESOLUTION_MILLIS);
    },
    /** Milliseconds. */
    async collect() {
      if (!collect) return undefined;
      const start = performance.now();
      await collect();
      return performance.now() - start;
    },
  });
};
