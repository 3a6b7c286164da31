/** Bare node:http, whose handler awaits twenty times. */
const http = require('node:http');
const serve = require('./serve.cjs');

const BODY = JSON.stringify({ id: 42, name: 'Ada', tags: ['a', 'b'] });
const step = async (value) => value;

serve(
  http.createServer(async (_request, response) => {
    for (let i = 0; i < 20; i++) await step(i);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(BODY),
    });
    response.end(BODY);
  }),
);
