/** What the scrape benchmark asks of each variant: fill the series, watch the event loop during a scrape. */
const control = require('./control.cjs');
const createBlocks = require('./blocks.cjs');
const { duration, series } = require('./series.cjs');

/**
 * @param server the http.Server that serves /metrics, listening
 * @param attributes makes a variant's own attributes out of one of series.cjs
 * @param record records one duration in seconds
 */
module.exports = function probe({ server, attributes, record }) {
  const all = series(Number(process.argv[2])).map(attributes);
  let records = 0;
  const blocks = createBlocks();

  control({
    port: () => server.address().port,
    /** One record on every series; gives the number of records so far. */
    touch() {
      for (const one of all) record(duration(records++), one);
      return records;
    },
    cpu: () => process.cpuUsage(),
    watch: blocks.watch,
    blocked: blocks.blocked,
  });
};
