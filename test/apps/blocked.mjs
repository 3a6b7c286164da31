// Answers at once, blocks the event loop for half a second in handlers and timers, or waits without blocking it.
import { createServer } from 'node:http';

const BLOCK_MILLIS = 500;
const BETWEEN_MILLIS = 1200;

const block = () => {
  const end = performance.now() + BLOCK_MILLIS;
  while (performance.now() < end);
};
const handlers = {
  '/fast': (response) => response.end('x'),
  '/block': (response) => {
    block();
    response.end('x');
  },
  '/later': (response) => setTimeout(() => response.end('x'), 20),
};

const server = createServer((request, response) => handlers[request.url](response));
// Or else it closes connections on which the client is sending.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));

const next = () => {
  block();
  setTimeout(next, BETWEEN_MILLIS);
};
setTimeout(next, BETWEEN_MILLIS);
