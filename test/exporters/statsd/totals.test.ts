import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import { collected, counter, histogram } from '../prometheus/metrics.ts';
import { differences, type Given, linesOf, NAMES, said } from './lines.ts';

const REQUESTS = 'http.server.request.duration';

type Requests = readonly (readonly [
  route: string | undefined,
  status: number | undefined,
  count: number,
  more?: Attributes,
])[];

/** Requests of 1 s each, all GET. */
function requests(all: Requests, name = REQUESTS): MetricData {
  return histogram(
    name,
    [0.5, 2],
    all.map(([route, status, count, more]) => [
      {
        'http.request.method': 'GET',
        'url.scheme': 'http',
        ...(route !== undefined && { 'http.route': route }),
        ...(status !== undefined && { 'http.response.status_code': status }),
        ...more,
      },
      [0, count, 0],
    ]),
    { unit: 's', sum: 1 },
  );
}

/** How many times each name is said: samples of a timer, or what a counter has come to. */
function counts(lines: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of lines) {
    const [name = '', ...samples] = line.split(':');
    for (const sample of samples) {
      const [value, type] = sample.split('|');
      found[name] = (found[name] ?? 0) + (type === 'c' ? Number(value) : 1);
    }
  }
  return found;
}

type Case = readonly [what: string, all: Requests, expected: Record<string, number>, given?: Given];
const CASES: readonly Case[] = [
  [
    'all routes together, and errors by route',
    [
      ['/a', 200, 3],
      ['/a', 404, 2],
      ['/b/:id', 500, 1],
    ],
    {
      [`${REQUESTS}.GET.a.200`]: 3,
      [`${REQUESTS}.GET.a.404`]: 2,
      [`${REQUESTS}.GET.b-_id.500`]: 1,
      [`${REQUESTS}_all_routes`]: 6,
      'http.server.request.client_errors.GET.a': 2,
      'http.server.request.server_errors.GET.b-_id': 1,
    },
  ],
  [
    'what is missing is none',
    [[undefined, undefined, 2, { 'error.type': 'aborted' }]],
    {
      [`${REQUESTS}.GET.none.none`]: 2,
      [`${REQUESTS}_all_routes`]: 2,
      'http.server.request.client_errors.GET.none': 2,
    },
  ],
  [
    'what is empty is none as well',
    [['', 404, 1]],
    {
      [`${REQUESTS}.GET.none.404`]: 1,
      [`${REQUESTS}_all_routes`]: 1,
      'http.server.request.client_errors.GET.none': 1,
    },
  ],
  [
    'each status of its class',
    [
      ['/', 399, 1],
      ['/', 400, 1],
      ['/', 499, 1],
      ['/', 500, 1],
      ['/', 599, 1],
      ['/', 600, 1],
    ],
    {
      ...Object.fromEntries(
        [399, 400, 499, 500, 599, 600].map((status) => [`${REQUESTS}.GET.root.${status}`, 1]),
      ),
      [`${REQUESTS}_all_routes`]: 6,
      'http.server.request.client_errors.GET.root': 2,
      'http.server.request.server_errors.GET.root': 2,
    },
  ],
  [
    'another order of names, without the error of an error',
    [
      ['/a', 404, 1, { 'error.type': '404' }],
      ['/a', 200, 1],
    ],
    {
      [`${REQUESTS}.404.a.404`]: 1,
      [`${REQUESTS}.200.a.none`]: 1,
      [`${REQUESTS}_all_routes`]: 2,
      'http.server.request.client_errors.a': 1,
    },
    { nameOrder: ['http.response.status_code', 'http.route', 'error.type'] },
  ],
  [
    'names of the status alone',
    [
      ['/a', 500, 1],
      ['/b', 500, 1],
    ],
    {
      [`${REQUESTS}.500`]: 2,
      [`${REQUESTS}_all_routes`]: 2,
      'http.server.request.server_errors': 2,
    },
    { nameOrder: ['http.response.status_code'] },
  ],
  [
    'prefix, and default dimensions in the order and after it',
    [['/a', 500, 1]],
    {
      [`shop.${REQUESTS}.dev.a.team.x`]: 1,
      [`shop.${REQUESTS}_all_routes.dev.team.x`]: 1,
      'shop.http.server.request.server_errors.dev.a.team.x': 1,
    },
    { prefix: 'shop.', nameOrder: ['environment', 'http.route'], labels: { team: 'x', environment: 'dev' } },
  ],
];

describe('without tags', () => {
  for (const [what, all, expected, given] of CASES) {
    test(what, () => assert.deepEqual(counts(linesOf('etsy', [requests(all)], given)), expected));
  }

  test('a histogram of an app’s that has routes has a total too, and no errors', () =>
    assert.deepEqual(
      counts(linesOf('etsy', [requests([['/a', 404, 2]], 'render.time')], { nameOrder: ['http.route'] })),
      {
        'render.time.a.http_request_method.GET.http_response_status_code.404.url_scheme.http': 2,
        'render.time_all_routes': 2,
      },
    ));

  test('other metrics have none', () =>
    assert.deepEqual(
      counts(
        linesOf('etsy', [
          histogram('db.query', [1], [[{ db: 'main' }, [1, 0]]]),
          counter('hits', [[{ 'http.route': '/a' }, 2]]),
        ]),
      ),
      { 'db.query.db.main': 1, 'hits.a': 2 },
    ));

  test('totals are said as differences, like what they are the totals of', () => {
    const turn = differences('etsy');
    const collection = (first: number, second: number): string[] =>
      said(
        turn(
          collected([
            [
              { name: 'app' },
              [
                requests([
                  ['/a', 404, first],
                  ['/b', 500, second],
                ]),
              ],
            ],
          ]),
        ),
      );
    collection(1, 1);
    assert.deepEqual(counts(collection(1, 3)), {
      [`${REQUESTS}.GET.b.500`]: 2,
      [`${REQUESTS}_all_routes`]: 2,
      'http.server.request.server_errors.GET.b': 2,
    });
    assert.deepEqual(collection(1, 3), []);
  });
});

test('a total grows with each route that comes', () => {
  const turn = differences('etsy');
  const collection = (all: Requests): Record<string, number> =>
    counts(said(turn(collected([[{ name: 'app' }, [requests(all)]]]))));
  const total = `${REQUESTS}_all_routes`;
  assert.equal(collection([['/a', 200, 1]])[total], 1);
  assert.equal(
    collection([
      ['/a', 200, 4],
      ['/b', 200, 1],
    ])[total],
    4,
  );
});

test('servers with tags get no totals', () => {
  for (const dialect of NAMES.filter((name) => DIALECTS[name].names !== 'hierarchy')) {
    assert.ok(!linesOf(dialect, [requests([['/a', 404, 1]])]).some((line) => /all_routes|errors/.test(line)));
  }
});
