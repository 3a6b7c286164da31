/**
 * A bare HTTP/2 server, without TLS, with two routes. An argument: through which API it answers, `streams` or
 * `compatibility`.
 */
const http2 = require('node:http2');
const serve = require('./serve.cjs');

const BODY = JSON.stringify({ id: 42, name: 'Ada', tags: ['a', 'b'] });
const HEADERS = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) };

const statusOf = (path) => (path.startsWith('/users/') || path === '/health' ? 200 : 404);

const server = http2.createServer();
if (process.argv[2] === 'streams') {
  server.on('stream', (stream, headers) => {
    stream.respond({ ':status': statusOf(headers[':path']), ...HEADERS });
    stream.end(BODY);
  });
} else {
  server.on('request', (request, response) => {
    response.writeHead(statusOf(request.url), HEADERS);
    response.end(BODY);
  });
}
serve(server);
