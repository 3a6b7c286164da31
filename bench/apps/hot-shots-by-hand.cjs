/** What people write by hand with hot-shots: a timing a request, sent when the response has finished. */
const { StatsD } = require('hot-shots');

/** @returns a function that times one request */
exports.timeOf = (port, maxBufferSize) => {
  const client = new StatsD({ host: '127.0.0.1', port, maxBufferSize });
  return (request, response, route) => {
    const start = performance.now();
    response.on('finish', () => {
      // Whole microseconds: milliseconds would not tell fast routes apart, and all digits would only cost bytes.
      client.timing('http.server.request.duration', Math.round((performance.now() - start) * 1000) / 1000, {
        method: request.method,
        route,
        status: response.statusCode,
        scheme: 'http',
      });
    });
  };
};
