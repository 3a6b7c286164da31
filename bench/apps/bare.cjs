/** Bare node:http with two routes. A Prometheus client as an argument: measured by hand. */
const http = require('node:http');
const createByHand = require('./prom-client-by-hand.cjs');
const serve = require('./serve.cjs');

const BODY = JSON.stringify({ id: 42, name: 'Ada', tags: ['a', 'b'] });

function handle(request, response) {
  const found = request.url.startsWith('/users/') || request.url === '/health';
  response.writeHead(found ? 200 : 404, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(BODY),
  });
  response.end(BODY);
}

const byHand = createByHand(process.argv[2]);
if (byHand) {
  const { observe, counted } = byHand;
  const route = (request) => (request.url.startsWith('/users/') ? '/users/:id' : request.url);
  serve(
    http.createServer((request, response) => {
      observe(request, response, route);
      handle(request, response);
    }),
    { counted },
  );
} else {
  serve(http.createServer(handle), { counted: globalThis.otelCounted });
}
