/**
 * A histogram of many series that is recorded to and scraped, and the heap of the process. Arguments: the library, the
 * number of series.
 */
const http = require('node:http');
const control = require('./control.cjs');
const jobHistogram = require('./job-histogram.cjs');
const { duration, series } = require('./series.cjs');

const [library, size] = process.argv.slice(2);
const record = jobHistogram[library]();
const all = series(Number(size));
let records = 0;

/** The metrics of a Prometheus client; routemeter serves its own. */
const server = http.createServer(async (_request, response) => {
  const { register } = require(library);
  response.setHeader('content-type', register.contentType);
  response.end(await register.metrics());
});

server.listen(0, '127.0.0.1', () => {
  control({
    port: () => server.address().port,
    /** That many records on every series. */
    record(times) {
      for (let i = 0; i < times; i++) for (const one of all) record(duration(records++), one);
    },
    /** Bytes, without garbage. */
    heap() {
      for (let i = 0; i < 3; i++) globalThis.gc();
      return process.memoryUsage().heapUsed;
    },
  });
});
