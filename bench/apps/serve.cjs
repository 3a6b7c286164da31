/** Answers the questions that all measured servers answer, once it listens. */
const control = require('./control.cjs');

const COLLECTIONS = 3;

/**
 * @param server an http.Server; it is made to listen on a port of the system's choice unless it listens already
 * @param own what the process's own metrics have counted, where it can read them itself: `counted` gives the number of
 *   requests, `routes` the same by route
 */
module.exports = function serve(server, own = {}) {
  // Between its turns a server's connections are idle, and some have not sent anything yet.
  server.keepAliveTimeout = 600_000;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  const answer = () => {
    control({
      port: () => server.address().port,
      cpu: () => process.cpuUsage(),
      /** As often in every variant, so that none is measured while it is younger than the others. */
      collectGarbage() {
        for (let i = 0; i < COLLECTIONS; i++) globalThis.gc();
      },
      ...own,
    });
  };
  if (server.listening) answer();
  else server.listen(0, '127.0.0.1', answer);
};
