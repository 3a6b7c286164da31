/** The histogram of series.cjs in the metrics SDK of the given module, read by the given reader. */
const { BOUNDARIES } = require('./series.cjs');

module.exports = function sdkHistogram({ MeterProvider, AggregationType }, reader) {
  const name = 'http.server.request.duration';
  const provider = new MeterProvider({
    readers: [reader],
    views: [
      {
        instrumentName: name,
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { boundaries: BOUNDARIES },
        },
        aggregationCardinalityLimit: 100_000,
      },
    ],
  });
  const histogram = provider
    .getMeter('bench')
    .createHistogram(name, { unit: 's', description: 'Duration of HTTP server requests.' });
  return {
    attributes: (one) => ({
      'http.request.method': one.method,
      'http.route': one.route,
      'http.response.status_code': one.status,
      'url.scheme': one.scheme,
    }),
    record: (seconds, attributes) => histogram.record(seconds, attributes),
  };
};
