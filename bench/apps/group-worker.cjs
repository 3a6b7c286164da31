/** A worker: an HTTP server, and a histogram of many series by one of the libraries. */
const http = require('node:http');
const { answers, clusterRegistry } = require('./group-process.cjs');
const jobHistogram = require('./job-histogram.cjs');
const { duration, series } = require('./series.cjs');

const [library, , size] = process.argv.slice(2);

async function start() {
  const ClusterRegistry = clusterRegistry(library);
  // It answers the primary from now on.
  if (ClusterRegistry) new ClusterRegistry();
  const record = jobHistogram[library]();
  const all = series(Number(size));
  let records = 0;
  let timer;
  const touch = () => {
    for (const one of all) record(duration(records++), one);
  };
  Object.assign(answers, {
    /** One record on every series; gives the number of records so far. */
    touch() {
      touch();
      return records;
    },
    /** From now on every second, or no longer. */
    change(on) {
      clearInterval(timer);
      if (on) timer = setInterval(touch, 1_000);
    },
  });
  process.on('message', async ({ question, argument }) => {
    if (question === undefined) return;
    try {
      process.send({ answered: true, answer: await answers[question](argument) });
    } catch (error) {
      process.send({ answered: true, error: String(error?.stack ?? error) });
    }
  });
  http
    .createServer((_request, response) => response.end())
    .listen(0, '127.0.0.1', () => process.send({ answered: true }));
}

start().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
