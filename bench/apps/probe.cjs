/** What the scrape benchmark asks of each variant: fill the series, watch the event loop during a scrape. */
const control = require('./control.cjs');
const createBlocks = require('./blocks.cjs');
const { duration, series } = require('./series.cjs');

/**
 * @param server the http.Server that serves /metrics, listening
 * @param attributes makes a variant's own attributes out of one of series.cjs
 * @param record records one duration in seconds
 * @param reader the SDK's metric reader, where there is one
 */
module.exports = function probe({ server, attributes, record, reader }) {
  const all = series(Number(process.argv[2])).map(attributes);
  let records = 0;
  const blocks = createBlocks();
  if (reader) blocks.time(reader);

  control({
    port: () => server.address().port,
    /** One record on every series; gives the number of records so far. */
    touch() {
      for (const one of all) record(duration(records++), one);
      return records;
    },
    watch: blocks.watch,
    blocked: blocks.blocked,
  });
};
