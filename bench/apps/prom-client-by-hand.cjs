/** What people write by hand with prom-client: a histogram, observed when the response has finished. */
const client = require('prom-client');
const counted = require('./prom-client-counted.cjs');
const routes = require('./prom-client-routes.cjs');
const { BOUNDARIES } = require('./series.cjs');

const histogram = new client.Histogram({
  name: 'http_request_duration_seconds',
  help: 'Duration of HTTP requests',
  labelNames: ['method', 'route', 'status'],
  buckets: BOUNDARIES,
});

/** @param route gives the route's label once the response has finished */
exports.observe = (request, response, route) => {
  const start = performance.now();
  response.on('finish', () => {
    histogram.observe(
      { method: request.method, route: route(request), status: response.statusCode },
      (performance.now() - start) / 1000,
    );
  });
};

exports.counted = () => counted(client.register);

exports.routes = () => routes(client.register, 'route');
