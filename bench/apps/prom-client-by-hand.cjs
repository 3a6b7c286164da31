/** What people write by hand with a Prometheus client: a histogram, observed when the response has finished. */
const counted = require('./prom-client-counted.cjs');
const routes = require('./prom-client-routes.cjs');
const { BOUNDARIES } = require('./series.cjs');

/** One follows from the other, and for this they have the same API. */
const LIBRARIES = ['prom-client', '@prometheus-io/client'];

/** @returns undefined if that is no such library */
module.exports = function byHand(library) {
  if (!LIBRARIES.includes(library)) return undefined;
  const client = require(library);
  const histogram = new client.Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests',
    labelNames: ['method', 'route', 'status'],
    buckets: BOUNDARIES,
  });
  const record = (labels, seconds) => histogram.observe(labels, seconds);
  return {
    record,
    /** @param route gives the route's label once the response has finished */
    observe(request, response, route) {
      const start = performance.now();
      response.on('finish', () => {
        record(
          { method: request.method, route: route(request), status: response.statusCode },
          (performance.now() - start) / 1000,
        );
      });
    },
    counted: () => counted(client.register),
    routes: () => routes(client.register, 'route'),
  };
};
