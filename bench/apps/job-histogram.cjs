/** A histogram of jobs by one of the libraries, as its users make it. */
const { createRequire } = require('node:module');
const { BOUNDARIES } = require('./series.cjs');
const sdkHistogram = require('./sdk-histogram.cjs');

const DESCRIPTION = 'Duration of jobs.';

function byClient(client) {
  const histogram = new client.Histogram({
    name: 'job_duration_seconds',
    help: DESCRIPTION,
    labelNames: ['method', 'route', 'status', 'scheme'],
    buckets: BOUNDARIES,
  });
  return (seconds, labels) => histogram.observe(labels, seconds);
}

/** Each gives a function that records a duration in seconds, with attributes. */
module.exports = {
  'prom-client': () => byClient(require('prom-client')),
  '@prometheus-io/client': () => byClient(require('@prometheus-io/client')),
  routemeter() {
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
