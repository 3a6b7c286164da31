/**
 * Bare node:http whose routes, `/name/:id`, answer after a while; id 0 is not found. Arguments: JSON of the routes'
 * names and the medians of their waits in milliseconds, log-normal, 0 for those that answer at once; then for
 * hot-shots the receiver's port and its maxBufferSize.
 */
const http = require('node:http');
const serve = require('./serve.cjs');

const SPREAD = 0.5;
const [, , routes, port, maxBufferSize] = process.argv;
const table = new Map(
  Object.entries(JSON.parse(routes)).map(([name, median]) => [name, { pattern: `/${name}/:id`, median }]),
);
const BODY = JSON.stringify({ id: 42, name: 'Ada', tags: ['a', 'b'] });

let seed = 1;
/** https://en.wikipedia.org/wiki/Lehmer_random_number_generator */
function uniform() {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
}

function waitMillis(median) {
  const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Math.max(1, Math.round(median * Math.exp(SPREAD * normal)));
}

function answer(response, status) {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(BODY),
  });
  response.end(BODY);
}

const time = port && require('./hot-shots-by-hand.cjs').timeOf(Number(port), Number(maxBufferSize));

serve(
  http.createServer((request, response) => {
    const { url } = request;
    const end = url.indexOf('/', 1);
    const route = table.get(url.slice(1, end));
    time?.(request, response, route.pattern);
    if (url.slice(end + 1) === '0') answer(response, 404);
    else if (route.median === 0) answer(response, 200);
    else setTimeout(answer, waitMillis(route.median), response, 200);
  }),
);
