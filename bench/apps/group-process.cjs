/** What each process of a cluster answers about itself. */
const { readFileSync, writeFileSync } = require('node:fs');
const createBlocks = require('./blocks.cjs');

const STATUS = '/proc/self/status';

/** Bytes at the most since the process started, or since `resetPeak` where that is possible. */
function peak() {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(STATUS, 'utf8'))[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

const blocks = createBlocks();

/** The class that a Prometheus client aggregates workers with, in the primary and in the workers; undefined if it is none. */
exports.clusterRegistry = (library) =>
  ({
    'prom-client': () => require('prom-client').AggregatorRegistry,
    '@prometheus-io/client': () => require('@prometheus-io/client').ClusterRegistry,
  })[library]?.();

exports.answers = {
  cpu: () => process.cpuUsage(),
  memory: () => ({ rss: process.memoryUsage.rss(), peak: peak() }),
  resetPeak() {
    try {
      writeFileSync('/proc/self/clear_refs', '5');
    } catch {
      // Only Linux can.
    }
  },
  watch: () => blocks.watch(),
  blocked: () => blocks.blocked(),
};
