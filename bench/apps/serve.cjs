/** Listens on a port of the system's choice and answers the questions that both measured servers answer. */
const control = require('./control.cjs');

/**
 * @param server an http.Server
 * @param counted requests in the process's own metrics, undefined where it has none that it can read itself
 */
module.exports = function serve(server, counted) {
  // Between its turns a server's connections are idle, and some have not sent anything yet.
  server.keepAliveTimeout = 600_000;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1', () => {
    control({
      port: () => server.address().port,
      cpu: () => process.cpuUsage(),
      counted,
    });
  });
};
