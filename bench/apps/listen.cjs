/** An HTTP server; prints when it listened, and what it had cost once the work after that had settled. */
const http = require('node:http');
const { writeSync } = require('node:fs');

const SETTLED_MILLIS = 300;

http
  .createServer((_request, response) => response.end())
  .listen(0, '127.0.0.1', () => {
    const at = String(process.hrtime.bigint());
    setTimeout(() => {
      writeSync(1, JSON.stringify({ at, rss: process.memoryUsage.rss(), cpu: process.cpuUsage() }));
    }, SETTLED_MILLIS);
  });
