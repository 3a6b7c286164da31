/** What every StatsD dialect makes of metrics, names, keys and values. A new dialect is one more row. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { StatsdDialect } from '../../src/config/types.ts';
import { DIALECTS } from '../../src/exporters/statsd/dialects/index.ts';
import { counter, gauge, histogram, upDownCounter } from '../exporters/prometheus/metrics.ts';
import { type Given, linesOf, NAMES } from '../exporters/statsd/lines.ts';
import { parseLine } from '../exporters/statsd/parser.ts';
import { LONG } from '../length.ts';
import fc, { character } from '../property.ts';

type Case = readonly [metrics: readonly MetricData[], given?: Given];

const route = { 'http.request.method': 'GET', 'http.route': '/users/:id', 'http.response.status_code': 200 };
const CASES = {
  fraction: [[counter('job.time', [[{}, 2.5]], { unit: 's' })]],
  gauge: [[gauge('cpu.share', [[{ 'cpu.id': 1 }, 0.25]], { unit: '1' })]],
  // After a zero, for a sign would add it to the value before.
  negative: [[upDownCounter('stock', [[{ shop: 'a' }, -2]])]],
  // Three up to 1 s and one up to 10 s.
  durations: [
    [histogram('db.query', [0.1, 1, 10], [[{ db: 'main' }, [0, 3, 1, 0]]], { unit: 's', sum: 4.111 })],
  ],
  request: [
    [histogram('http.server.request.duration', [1, 2], [[route, [0, 1, 0]]], { unit: 's', sum: 1.5 })],
  ],
  prefixed: [
    [counter('orders', [[{ product: 'tea', team: 'own' }, 3]], { unit: '{order}' })],
    { prefix: 'shop.', labels: { environment: 'dev', team: 'x' } },
  ],
} as const satisfies Record<string, Case>;

const VALUES = [
  ...['/users/:id', '/', '*', '/:id([0-9])', 'a,b|c', 'a=b;c#d@e'],
  ...['two words', 'a\r\nb\u2028c\0', '~x', 'é', '\uD83D'],
];

interface Row {
  readonly lines: { readonly [What in keyof typeof CASES]: readonly string[] };
  /** The values above as they are written, with a `|` between them, which no dialect writes in a value. */
  readonly values: string;
  /** What stands around a value in the line of a counter `a` with the key `k`. */
  readonly around: readonly [before: string, after: string];
}

const dogstatsd: Row = {
  lines: {
    fraction: ['job_time_seconds_total:2.5|c'],
    gauge: ['cpu_share_ratio:0.25|g|#cpu_id:1'],
    negative: ['stock:0|g|#shop:a', 'stock:-2|g|#shop:a'],
    durations: ['db_query_seconds:0.3162|d|@0.333333333|#db:main', 'db_query_seconds:3.162|d|#db:main'],
    request: [
      'http_server_request_duration_seconds:1.5|d|#http_request_method:GET,http_response_status_code:200,http_route:/users/:id',
    ],
    prefixed: ['shop.orders_total:3|c|#environment:dev,product:tea,team:own'],
  },
  values: '/users/:id|/|*|/:id([0-9])|a_b_c|a=b;c#d@e|two words|a__b_c_|~x|é|\uFFFD',
  around: ['a_total:1|c|#k:', ''],
};

const ROWS: { readonly [Name in StatsdDialect]: Row } = {
  dogstatsd,
  datadog: {
    ...dogstatsd,
    lines: {
      ...dogstatsd.lines,
      durations: ['db_query_seconds:0.3162:3.162|d|#db:main', 'db_query_seconds:0.3162|d|@0.5|#db:main'],
    },
  },
  etsy: {
    lines: {
      fraction: ['job.time:2.5|c'],
      gauge: ['cpu.share.cpu_id.1:0.25|g'],
      negative: ['stock.shop.a:0|g', 'stock.shop.a:-2|g'],
      durations: ['db.query.db.main:316.2|ms:316.2|ms:316.2|ms:3162|ms'],
      request: [
        'http.server.request.duration.GET.users-_id.200:1500|ms',
        'http.server.request.duration_all_routes:1500|ms',
      ],
      prefixed: ['shop.orders.environment.dev.product.tea.team.own:3|c'],
    },
    values: 'users-_id|root|_|_id__0-9__|a_b_c|a_b_c_d_e|two_words|a__b_c_|_x|_|_',
    around: ['a.k.', ':1|c'],
  },
  graphite: {
    lines: {
      fraction: ['job.time:2.5|c'],
      gauge: ['cpu.share;cpu_id=1:0.25|g'],
      negative: ['stock;shop=a:0|g', 'stock;shop=a:-2|g'],
      durations: ['db.query;db=main:316.2|ms:316.2|ms:316.2|ms:3162|ms'],
      request: [
        'http.server.request.duration;http_request_method=GET;http_response_status_code=200;http_route=/users/_id:1500|ms',
      ],
      prefixed: ['shop.orders;environment=dev;product=tea;team=own:3|c'],
    },
    values: '/users/_id|/|_|/_id__0-9__|a_b_c|a=b_c_d_e|two_words|a__b_c_|_x|_|_',
    around: ['a;k=', ':1|c'],
  },
  sysdig: {
    lines: {
      fraction: ['job.time:2.5|c'],
      gauge: ['cpu.share#cpu_id=1:0.25|g'],
      negative: ['stock#shop=a:0|g', 'stock#shop=a:-2|g'],
      durations: ['db.query#db=main:316.2|ms|@0.333333333', 'db.query#db=main:3162|ms'],
      request: [
        'http.server.request.duration#http_request_method=GET,http_response_status_code=200,http_route=/users/_id:1500|ms',
      ],
      prefixed: ['shop.orders#environment=dev,product=tea,team=own:3|c'],
    },
    // No brackets: statsd_exporter takes them for SignalFx's tags.
    values: '/users/_id|/|*|/_id(_0-9_)|a_b_c|a_b;c_d_e|two_words|a__b_c_|~x|é|\uFFFD',
    around: ['a#k=', ':1|c'],
  },
  telegraf: {
    lines: {
      fraction: ['job_time_seconds_total:2|c'],
      gauge: ['cpu_share_ratio,cpu_id=1:0.25|g'],
      negative: ['stock,shop=a:0|g', 'stock,shop=a:-2|g'],
      durations: ['db_query_seconds,db=main:0.3162|h|@0.333333333:3.162|h'],
      request: [
        'http_server_request_duration_seconds,http_request_method=GET,http_response_status_code=200,http_route=/users/_id:1.5|h',
      ],
      prefixed: ['shop.orders_total,environment=dev,product=tea,team=own:3|c'],
    },
    values: '/users/_id|/|*|/_id(_0-9_)|a_b_c|a=b;c#d@e|two_words|a__b_c_|~x|é|\uFFFD',
    around: ['a_total,k=', ':1|c'],
  },
};

const piece = fc.constantFrom(
  ...[',', '|', ':', '#', '@', '[', ']', ';', '=', '/', '.', '-', '_', '%', '"', '\\', '*', '!', '^', '~'],
  ...'\n,\r,\t, ,\0,\x7f,\x85,\u2028,\u2029,\ufeff,\ud83d,\ude00,😀,é'.split(','),
  ...['a', '0', 'constructor', '__proto__', '|c', ':1|c', '|#x:y', '@0.1', '\nx:1|c', 'none', 'root'],
);
const text = fc.oneof(
  { weight: 6, arbitrary: fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')) },
  { weight: 6, arbitrary: fc.string({ unit: character, maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant('x:|,\n'.repeat(2000)) },
);
/** As labels are named, so that no two keys become one. */
const labelled = (key: string): string => {
  const name = key.replace(/[^a-zA-Z0-9]+/g, '_') || '_';
  return /^[0-9]/.test(name) ? `key_${name}` : name;
};
const KINDS = {
  counter: (name: string, of: Attributes) => counter(name, [[of, 3]]),
  gauge: (name: string, of: Attributes) => gauge(name, [[of, 3]]),
  negative: (name: string, of: Attributes) => gauge(name, [[of, -3]]),
  histogram: (name: string, of: Attributes) => histogram(name, [1], [[of, [1, 0]]]),
};
const VALUE = { counter: [[3]], gauge: [[3]], negative: [[0], [-3]], histogram: [[0.5]] };
const series = fc.record({
  name: text,
  attributes: fc.uniqueArray(fc.tuple(text, text), { maxLength: 5, selector: ([key]) => labelled(key) }),
  kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
  prefix: fc.constantFrom('', 'shop.'),
  nameOrder: fc.constantFrom(['http.route'], ['constructor', '__proto__'], ['a', '0']),
});

for (const dialect of NAMES) {
  const { lines, values, around } = ROWS[dialect];
  const { names, specification } = DIALECTS[dialect];

  describe(dialect, () => {
    test('has a specification', () => assert.ok(URL.canParse(specification)));

    for (const [what, expected] of Object.entries(lines)) {
      const [metrics, given]: Case = CASES[what as keyof typeof CASES];
      test(`writes its ${what}`, () => assert.deepEqual(linesOf(dialect, [...metrics], given), expected));
    }

    test('writes the value of an attribute', () =>
      assert.deepEqual(
        VALUES.flatMap((value) => linesOf(dialect, [counter('a', [[{ k: value }, 1]])])),
        values.split('|').map((value) => around.join(value)),
      ));

    test('writes nothing for a counter that has not counted, nor for numbers that are not finite', () => {
      const [nothing, infinite] = [counter('a', [[{}, 0]]), counter('b', [[{}, Number.POSITIVE_INFINITY]])];
      const nan = gauge('c', [[{}, Number.NaN]]);
      const negative = upDownCounter('d', [[{}, Number.NEGATIVE_INFINITY]]);
      assert.deepEqual(linesOf(dialect, [nothing, infinite, nan, negative]), []);
    });

    test('writes no metric whose name has no writable part', () => {
      for (const name of ['', '.', '...']) {
        const expected = names === 'family' ? ['total:1|c'] : [];
        assert.deepEqual(linesOf(dialect, [counter(name, [[{}, 1]])]), expected);
      }
    });

    test('writes for any metrics lines that are each one metric with its value and all its tags', () => {
      fc.assert(
        fc.property(series, ({ name, attributes, kind, ...given }) => {
          const metric = KINDS[kind](`m${name}`, Object.fromEntries(attributes));
          const parsed = linesOf(dialect, [metric], given).map((line) => parseLine(dialect, line));
          assert.deepEqual(
            parsed.map(({ samples }) => samples.map(({ value }) => value)),
            VALUE[kind],
          );
          const filled = attributes.filter(([, value]) => value !== '').map(([key]) => key);
          for (const line of parsed) {
            assert.ok(line.name.startsWith(`${given.prefix}m`), line.name);
            if (names !== 'hierarchy')
              assert.deepEqual([...line.tags.keys()].sort(), filled.map(labelled).sort());
          }
          if (names !== 'hierarchy') return;
          // Each attribute is a value, or a key and a value, in the name.
          const [line = ''] = linesOf(dialect, [KINDS[kind]('m', Object.fromEntries(attributes))], given);
          const parts = parseLine(dialect, line).name.slice(given.prefix.length).split('.');
          const ordered = filled.filter((key) => given.nameOrder.some((first) => first === key));
          assert.equal(parts.length - 1, 2 * filled.length - ordered.length);
        }),
        { numRuns: LONG ? 2000 : 200 },
      );
    });
  });
}
