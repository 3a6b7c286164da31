import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import { collected, counter, histogram } from '../prometheus/metrics.ts';
import { differences, type Given, linesOf, NAMES, sent } from './lines.ts';

const REQUESTS = 'http.server.request.duration';

/** Requests of 1 s each, all GET: `/a 200 x3`, separated by commas; `-` for an attribute that is missing. */
function requests(all: string, name = REQUESTS): MetricData {
  return histogram(
    name,
    [0.5, 2],
    all.split(', ').map((text) => {
      const [route = '', status = '', times = '', error] = text.split(' ');
      const attributes = {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        ...(route !== '-' && { 'http.route': route }),
        ...(status !== '-' && { 'http.response.status_code': Number(status) }),
        ...(error && { 'error.type': error }),
      };
      return [attributes, [0, Number(times.slice(1)), 0]];
    }),
    { unit: 's', sum: 1 },
  );
}

/** By name, with `D` for that of the durations, the number of samples of a timer, or the sum of a counter. */
function counts(lines: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of lines) {
    const [whole = '', ...samples] = line.split(':');
    const name = whole.replace(REQUESTS, 'D').replace('http.server.request.', '');
    for (const sample of samples) {
      const [value, type] = sample.split('|');
      found[name] = (found[name] ?? 0) + (type === 'c' ? Number(value) : 1);
    }
  }
  return found;
}

type Case = readonly [what: string, all: string, expected: Record<string, number>, given?: Given];
const CASES: readonly Case[] = [
  [
    'all routes together, and errors by route',
    '/a 200 x3, /a 404 x2, /b/:id 500 x1',
    {
      ...{ 'D.GET.a.200': 3, 'D.GET.a.404': 2, 'D.GET.b-_id.500': 1, D_all_routes: 6 },
      ...{ 'client_errors.GET.a': 2, 'server_errors.GET.b-_id': 1 },
    },
  ],
  [
    'what is missing or empty is none',
    '- - x2 aborted,  404 x1',
    { 'D.GET.none.none': 2, 'D.GET.none.404': 1, D_all_routes: 3, 'client_errors.GET.none': 3 },
  ],
  [
    'an answer that the client has cut short is no error of the client, but one that the app gave on the socket is',
    '/a 200 x1 aborted, - - x1 malformed, - - x1 destroyed',
    { 'D.GET.a.200': 1, 'D.GET.none.none': 2, D_all_routes: 3, 'client_errors.GET.none': 1 },
  ],
  [
    'each status of its class',
    '/ 399 x1, / 400 x1, / 499 x1, / 500 x1, / 599 x1, / 600 x1',
    {
      ...Object.fromEntries([399, 400, 499, 500, 599, 600].map((status) => [`D.GET.root.${status}`, 1])),
      ...{ D_all_routes: 6, 'client_errors.GET.root': 2, 'server_errors.GET.root': 2 },
    },
  ],
  [
    'another order of names, without the error of an error',
    '/a 404 x1 404, /a 200 x1',
    { 'D.404.a.404': 1, 'D.200.a.none': 1, D_all_routes: 2, 'client_errors.a': 1 },
    { nameOrder: ['http.response.status_code', 'http.route', 'error.type'] },
  ],
  [
    'names of the status alone',
    '/a 500 x1, /b 500 x1',
    { 'D.500': 2, D_all_routes: 2, server_errors: 2 },
    { nameOrder: ['http.response.status_code'] },
  ],
  [
    'prefix, and default dimensions in the order and after it',
    '/a 500 x1',
    {
      ...{ 'shop.D.dev.a.team.x': 1, 'shop.D_all_routes.dev.team.x': 1 },
      'shop.server_errors.dev.a.team.x': 1,
    },
    { prefix: 'shop.', nameOrder: ['environment', 'http.route'], labels: { team: 'x', environment: 'dev' } },
  ],
];

describe('without tags', () => {
  for (const [what, all, expected, given] of CASES) {
    test(what, () => assert.deepEqual(counts(linesOf('etsy', [requests(all)], given)), expected));
  }

  test('a histogram of the app that has routes has a total too, but no errors; other metrics have none', () => {
    const query = histogram('db.query', [1], [[{ db: 'main' }, [1, 0]]]);
    const hits = counter('hits', [[{ 'http.route': '/a' }, 2]]);
    const metrics = [requests('/a 404 x2', 'render.time'), query, hits];
    assert.deepEqual(counts(linesOf('etsy', metrics, { nameOrder: ['http.route'] })), {
      'render.time.a.http_request_method.GET.http_response_status_code.404.url_scheme.http': 2,
      'render.time_all_routes': 2,
      'db.query.db.main': 1,
      'hits.a': 2,
    });
  });

  test('totals are differences, like their routes, and include each new route', () => {
    const turn = differences('etsy');
    const collection = (all: string): Record<string, number> =>
      counts(sent(turn(collected([[{ name: 'app' }, [requests(all)]]]))));
    assert.equal(collection('/a 404 x1').D_all_routes, 1);
    const since = { 'D.GET.b.500': 3, D_all_routes: 3, 'server_errors.GET.b': 3 };
    assert.deepEqual(collection('/a 404 x1, /b 500 x3'), since);
    assert.deepEqual(collection('/a 404 x1, /b 500 x3'), {});
  });
});

test('servers with tags get no totals', () => {
  for (const dialect of NAMES.filter((name) => DIALECTS[name].names !== 'hierarchy')) {
    assert.ok(!linesOf(dialect, [requests('/a 404 x1')]).some((line) => /all_routes|errors/.test(line)));
  }
});
