/** What the scrape benchmark asks of each variant: fill the series, watch the event loop during a scrape. */
const { setTimeout: sleep } = require('node:timers/promises');
const control = require('./control.cjs');
const { duration, series } = require('./series.cjs');

const TICK_MILLIS = 1;
const SETTLE_MILLIS = 20;

/** Records each time that a timer of 1 ms comes late, as [from, to] in milliseconds. */
function watchBlocks() {
  const blocks = [];
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > 2 * TICK_MILLIS) blocks.push([last + TICK_MILLIS, now]);
    last = now;
  }, TICK_MILLIS);
  return () => {
    clearInterval(timer);
    return blocks;
  };
}

const longest = (lengths) => lengths.reduce((most, length) => Math.max(most, length), 0);
const overlap = ([from, to], [start, end]) => Math.max(0, Math.min(to, end) - Math.max(from, start));

/**
 * @param server the http.Server that serves /metrics, listening
 * @param attributes makes a variant's own attributes out of one of series.cjs
 * @param record records one duration in seconds
 * @param reader the SDK's metric reader, where there is one
 */
module.exports = function probe({ server, attributes, record, reader }) {
  const all = series(Number(process.argv[2])).map(attributes);
  let records = 0;
  let collects = [];
  let stop = () => [];

  if (reader) {
    const collect = reader.collect;
    reader.collect = async function timed(...options) {
      const start = performance.now();
      try {
        return await collect.apply(this, options);
      } finally {
        collects.push([start, performance.now()]);
      }
    };
  }

  control({
    port: () => server.address().port,
    /** One record on every series; gives the number of records so far. */
    touch() {
      for (const one of all) record(duration(records++), one);
      return records;
    },
    async watch() {
      await sleep(SETTLE_MILLIS);
      collects = [];
      stop = watchBlocks();
      await sleep(SETTLE_MILLIS);
    },
    /** Milliseconds since `watch`. */
    async blocked() {
      await sleep(SETTLE_MILLIS);
      const blocks = stop();
      return {
        block: longest(blocks.map(([from, to]) => to - from)),
        // What is left of each block without the part in which the SDK collected.
        beyond: longest(
          blocks.map((block) =>
            collects.reduce((left, collect) => left - overlap(block, collect), block[1] - block[0]),
          ),
        ),
        collect: reader ? collects.reduce((sum, [start, end]) => sum + end - start, 0) : undefined,
      };
    },
  });
};
