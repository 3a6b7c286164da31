/** What blocks the event loop of this process, and for how much of that it was on a processor. */
const { setTimeout: sleep } = require('node:timers/promises');

const TICK_MILLIS = 1;
const SETTLE_MILLIS = 20;

/** Milliseconds that this thread has run on a processor; undefined where that is not known. */
function onProcessor() {
  // Linux brings a thread's own time up to date every few milliseconds, and whenever the time of the process is read.
  process.cpuUsage();
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

function createBlocks() {
  let stop = () => [];

  return {
    async watch() {
      await sleep(SETTLE_MILLIS);
      stop = watchBlocks();
      await sleep(SETTLE_MILLIS);
    },
    /** The longest since `watch`, in milliseconds, and that of which the thread was on a processor longest. */
    async blocked() {
      await sleep(SETTLE_MILLIS);
      const blocks = stop();
      return {
        block: longest(blocks.map(([from, to]) => to - from)),
        on: longest(blocks.map(([, , on]) => on)),
      };
    },
  };
}

module.exports = Object.assign(createBlocks, { watchBlocks });
