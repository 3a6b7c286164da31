/** An HTTP server; prints the longest block of its event loop after it has listened, without waits for a processor. */
const http = require('node:http');
const { writeSync } = require('node:fs');
const { watchBlocks } = require('./blocks.cjs');

const SETTLED_MILLIS = 2_000;

http
  .createServer((_request, response) => response.end())
  .listen(0, '127.0.0.1', () => {
    const stop = watchBlocks();
    setTimeout(() => {
      const blockMillis = stop().reduce((most, [, , on]) => Math.max(most, on), 0);
      writeSync(1, JSON.stringify({ blockMillis }));
    }, SETTLED_MILLIS);
  });
