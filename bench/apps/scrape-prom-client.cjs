/** The registry of a Prometheus client, which the second argument names, served as its README shows it. */
const http = require('node:http');
const probe = require('./probe.cjs');
const { BOUNDARIES } = require('./series.cjs');

const client = require(process.argv[3]);

const histogram = new client.Histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Duration of HTTP server requests.',
  labelNames: ['method', 'route', 'status', 'scheme'],
  buckets: BOUNDARIES,
});

const server = http.createServer(async (_request, response) => {
  const text = await client.register.metrics();
  response.setHeader('content-type', client.register.contentType);
  response.end(text);
});

server.listen(0, '127.0.0.1', () => {
  probe({
    server,
    attributes: (one) => one,
    record: (seconds, labels) => histogram.observe(labels, seconds),
  });
});
