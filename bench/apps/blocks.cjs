/** What blocks the event loop of this process, and how much of that is the SDK's collect, which cannot be sliced. */
const { setTimeout: sleep } = require('node:timers/promises');

const TICK_MILLIS = 1;
const SETTLE_MILLIS = 20;

/** Milliseconds that this thread has run on a processor; undefined where that is not known. */
function onProcessor() {
  const usage = process.threadCpuUsage?.();
  return usage && (usage.user + usage.system) / 1_000;
}

/** Records each time that a timer of 1 ms comes late, as [from, to] in milliseconds, and what of it was on a processor. */
function watchBlocks() {
  const blocks = [];
  let last = performance.now();
  let lastOn = onProcessor();
  const timer = setInterval(() => {
    const now = performance.now();
    const on = onProcessor();
    if (now - last > 2 * TICK_MILLIS) blocks.push([last + TICK_MILLIS, now, on - lastOn]);
    last = now;
    lastOn = on;
  }, TICK_MILLIS);
  return () => {
    clearInterval(timer);
    return blocks;
  };
}

const longest = (lengths) => lengths.reduce((most, length) => Math.max(most, length), 0);
const overlap = ([from, to], [start, end]) => Math.max(0, Math.min(to, end) - Math.max(from, start));

function createBlocks() {
  let timed = false;
  let collects = [];
  let stop = () => [];

  return {
    /** @param reader the SDK's metric reader, or the prototype of those to come */
    time(reader) {
      timed = true;
      const collect = reader.collect;
      reader.collect = async function collectTimed(...options) {
        const start = performance.now();
        const startOn = onProcessor();
        try {
          return await collect.apply(this, options);
        } finally {
          collects.push([start, performance.now(), onProcessor() - startOn]);
        }
      };
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
      const lengths = collects.map(([start, end]) => end - start);
      return {
        block: longest(blocks.map(([from, to]) => to - from)),
        // What is left of each block without the part in which the SDK collected.
        beyond: longest(
          blocks.map((block) =>
            collects.reduce((left, collect) => left - overlap(block, collect), block[1] - block[0]),
          ),
        ),
        // The same without the part in which the thread waited for a processor.
        beyondOn: longest(
          blocks.map((block) =>
            collects.reduce(
              (left, collect) => left - (collect[2] * overlap(block, collect)) / (collect[1] - collect[0]),
              block[2],
            ),
          ),
        ),
        collect: timed ? lengths.reduce((sum, length) => sum + length, 0) : undefined,
        longestCollect: timed ? longest(lengths) : undefined,
      };
    },
  };
}

module.exports = Object.assign(createBlocks, { watchBlocks });
