/**
 * Bare node:http with two routes, whose handlers run a query and render its result. Arguments: by what the request is
 * measured (`nothing`, `prom-client`, `opentelemetry`, `routemeter`), and how many calls it makes: 0, 1 or 10. With
 * `unloaded` in place of 0 the in-request API is not imported.
 */
const http = require('node:http');
const serve = require('./serve.cjs');

const [, , measuredBy = 'nothing', calls = '0'] = process.argv;
const BODY = JSON.stringify({ id: 42, name: 'Ada', tags: ['a', 'b'] });

const route = (request) => (request.url.startsWith('/users/') ? '/users/:id' : request.url);
const query = async () => BODY;
const render = (rows) => rows;
const unmeasured = (_request, response, _route, handle) => handle(response);

function routemeter() {
  if (calls === 'unloaded') return { begin: unmeasured };
  const { count, observe, time } = require('routemeter');
  return {
    begin: unmeasured,
    count,
    observe: (name, value, unit) => observe(name, value, { unit }),
    time,
    timeAsync: time,
  };
}

const { begin, count, observe, time, timeAsync, counted } = {
  nothing: () => ({ begin: unmeasured }),
  'prom-client': () => require('./in-request-prom-client.cjs'),
  opentelemetry: () => require('./in-request-opentelemetry.cjs'),
  routemeter,
}[measuredBy]();

function answer(response, body) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function none(response) {
  answer(response, render(await query()));
}

/** @param context the request, for prom-client; the others know it */
async function one(response, context) {
  count('user.signup', 1, context);
  answer(response, render(await query()));
}

async function ten(response, context) {
  count('user.signup', 1, context);
  count('cache.hit', 1, context);
  count('cache.miss', 1, context);
  const rows = await timeAsync('db.query', query, context);
  count('db.calls', 1, context);
  observe('db.rows', 3, '{row}', context);
  const body = time('render', () => render(rows), context);
  observe('page.size', body.length, 'By', context);
  count('page.views', 2, context);
  count('mail.sent', 1, context);
  answer(response, body);
}

const handle = { 1: one, 10: ten }[calls] ?? none;
serve(
  http.createServer((request, response) => begin(request, response, route(request), handle)),
  { counted: counted && (() => counted(handle === none ? undefined : 'user.signup')) },
);
