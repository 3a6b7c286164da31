/** A worker: an HTTP server, and a histogram of many series by one of three libraries. */
const http = require('node:http');
const { createRequire } = require('node:module');
const { answers, blocks } = require('./group-process.cjs');
const { BOUNDARIES, duration, series } = require('./series.cjs');
const sdkHistogram = require('./sdk-histogram.cjs');

const [library, , size] = process.argv.slice(2);
const DESCRIPTION = 'Duration of jobs.';

const LIBRARIES = {
  'prom-client'() {
    const client = require('prom-client');
    // It answers the primary from now on.
    new client.AggregatorRegistry();
    const histogram = new client.Histogram({
      name: 'job_duration_seconds',
      help: DESCRIPTION,
      labelNames: ['method', 'route', 'status', 'scheme'],
      buckets: BOUNDARIES,
    });
    return (seconds, labels) => histogram.observe(labels, seconds);
  },
  async routemeter() {
    const { PullReader } = await import('../../unbundled/exporters/prometheus/reader.js');
    blocks.time(PullReader.prototype);
    const histogram = require('@opentelemetry/api')
      .metrics.getMeter('bench')
      .createHistogram('job.duration', {
        unit: 's',
        description: DESCRIPTION,
        advice: { explicitBucketBoundaries: BOUNDARIES },
      });
    return (seconds, attributes) => histogram.record(seconds, attributes);
  },
  /** The copy of the SDK that routemeter uses, without anybody who collects. */
  sdk() {
    const sdk = createRequire(require.resolve('routemeter/package.json'))('@opentelemetry/sdk-metrics');
    class NeverCollects extends sdk.MetricReader {
      async onForceFlush() {}
      async onShutdown() {}
    }
    return sdkHistogram(sdk, new NeverCollects()).record;
  },
};

async function start() {
  const record = await LIBRARIES[library]();
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
