import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { StatsdDialect } from '../../../src/config/types.ts';
import { DIALECTS } from '../../../src/exporters/statsd/dialects/index.ts';
import fc from '../../property.ts';
import { counter, gauge, histogram, upDownCounter } from '../prometheus/metrics.ts';
import { type Given, linesOf, NAMES } from './lines.ts';
import { parseLine } from './parser.ts';

/** Datadog's are DogStatsD's where nothing else is said. */
type ByDialect<Text> = { readonly [Name in Exclude<StatsdDialect, 'datadog'>]: Text } & {
  readonly datadog?: Text;
};
type Lines = ByDialect<readonly string[]>;
const inDialect = <Text>(of: ByDialect<Text>, name: StatsdDialect): Text =>
  name === 'datadog' ? (of.datadog ?? of.dogstatsd) : of[name];

type Case = readonly [what: string, metrics: MetricData[], lines: Lines, given?: Given];

/** One to 0.1 s, three to 1 s and one to 10 s. */
const durations = (unit: string, by = 1): MetricData =>
  histogram('db.query', [0.1 * by, by, 10 * by], [[{ db: 'main' }, [0, 3, 1, 0]]], { unit, sum: 4.111 * by });

const CASES: readonly Case[] = [
  [
    'a counter',
    [counter('orders', [[{ product: 'tea' }, 3]], { unit: '{order}' })],
    {
      dogstatsd: ['orders_total:3|c|#product:tea'],
      etsy: ['orders.product.tea:3|c'],
      graphite: ['orders;product=tea:3|c'],
      sysdig: ['orders#product=tea:3|c'],
      telegraf: ['orders_total,product=tea:3|c'],
    },
  ],
  [
    'a counter without attributes, of a fraction',
    [counter('job.time', [[{}, 2.5]], { unit: 's' })],
    {
      dogstatsd: ['job_time_seconds_total:2.5|c'],
      etsy: ['job.time:2.5|c'],
      graphite: ['job.time:2.5|c'],
      sysdig: ['job.time:2.5|c'],
      telegraf: ['job_time_seconds_total:2|c'],
    },
  ],
  [
    'a counter of nothing',
    [counter('orders', [[{}, 0]])],
    { dogstatsd: [], etsy: [], graphite: [], sysdig: [], telegraf: [] },
  ],
  [
    'a gauge',
    [gauge('cpu.share', [[{ 'cpu.id': 1 }, 0.25]], { unit: '1' })],
    {
      dogstatsd: ['cpu_share_ratio:0.25|g|#cpu_id:1'],
      etsy: ['cpu.share.cpu_id.1:0.25|g'],
      graphite: ['cpu.share;cpu_id=1:0.25|g'],
      sysdig: ['cpu.share#cpu_id=1:0.25|g'],
      telegraf: ['cpu_share_ratio,cpu_id=1:0.25|g'],
    },
  ],
  [
    'an up-down counter below zero, which starts from zero',
    [upDownCounter('stock', [[{ shop: 'a' }, -2]])],
    {
      dogstatsd: ['stock:0|g|#shop:a', 'stock:-2|g|#shop:a'],
      etsy: ['stock.shop.a:0|g', 'stock.shop.a:-2|g'],
      graphite: ['stock;shop=a:0|g', 'stock;shop=a:-2|g'],
      sysdig: ['stock#shop=a:0|g', 'stock#shop=a:-2|g'],
      telegraf: ['stock,shop=a:0|g', 'stock,shop=a:-2|g'],
    },
  ],
  [
    'a histogram of seconds',
    [durations('s')],
    {
      datadog: ['db_query_seconds:0.3162:3.162|d|#db:main', 'db_query_seconds:0.3162|d|@0.5|#db:main'],
      dogstatsd: ['db_query_seconds:0.3162|d|@0.333333333|#db:main', 'db_query_seconds:3.162|d|#db:main'],
      etsy: ['db.query.db.main:316.2|ms:316.2|ms:316.2|ms:3162|ms'],
      graphite: ['db.query;db=main:316.2|ms:316.2|ms:316.2|ms:3162|ms'],
      sysdig: ['db.query#db=main:316.2|ms|@0.333333333', 'db.query#db=main:3162|ms'],
      telegraf: ['db_query_seconds,db=main:0.3162|h|@0.333333333:3.162|h'],
    },
  ],
  [
    'a histogram of microseconds',
    [durations('us', 1e6)],
    {
      datadog: [
        'db_query_microseconds:316200:3162000|d|#db:main',
        'db_query_microseconds:316200|d|@0.5|#db:main',
      ],
      dogstatsd: [
        'db_query_microseconds:316200|d|@0.333333333|#db:main',
        'db_query_microseconds:3162000|d|#db:main',
      ],
      etsy: ['db.query.db.main:316.2|ms:316.2|ms:316.2|ms:3162|ms'],
      graphite: ['db.query;db=main:316.2|ms:316.2|ms:316.2|ms:3162|ms'],
      sysdig: ['db.query#db=main:316.2|ms|@0.333333333', 'db.query#db=main:3162|ms'],
      telegraf: ['db_query_microseconds,db=main:316200|h|@0.333333333:3162000|h'],
    },
  ],
  [
    'a histogram of bytes, and of a unit that is no unit',
    [
      histogram('size', [10], [[{}, [1, 0]]], { unit: 'By', sum: 4 }),
      histogram('odd', [10], [[{}, [1, 0]]], { unit: 'constructor', sum: 4 }),
    ],
    {
      dogstatsd: ['size_bytes:4|d', 'odd_constructor:4|d'],
      etsy: ['size:4|ms', 'odd:4|ms'],
      graphite: ['size:4|ms', 'odd:4|ms'],
      sysdig: ['size:4|ms', 'odd:4|ms'],
      telegraf: ['size_bytes:4|h', 'odd_constructor:4|h'],
    },
  ],
  [
    'numbers that are none',
    [
      counter('a', [[{}, Number.POSITIVE_INFINITY]]),
      gauge('b', [[{}, Number.NaN]]),
      upDownCounter('c', [[{}, Number.NEGATIVE_INFINITY]]),
    ],
    { dogstatsd: [], etsy: [], graphite: [], sysdig: [], telegraf: [] },
  ],
  [
    'with a prefix and default dimensions',
    [counter('orders', [[{ product: 'tea', team: 'own' }, 1]])],
    {
      dogstatsd: ['shop.orders_total:1|c|#environment:dev,product:tea,team:own'],
      etsy: ['shop.orders.environment.dev.product.tea.team.own:1|c'],
      graphite: ['shop.orders;environment=dev;product=tea;team=own:1|c'],
      sysdig: ['shop.orders#environment=dev,product=tea,team=own:1|c'],
      telegraf: ['shop.orders_total,environment=dev,product=tea,team=own:1|c'],
    },
    { prefix: 'shop.', labels: { environment: 'dev', team: 'x' } },
  ],
];

describe('what is sent', () => {
  for (const [what, metrics, lines, given] of CASES) {
    for (const dialect of NAMES) {
      test(`${dialect}: ${what}`, () =>
        assert.deepEqual(linesOf(dialect, metrics, given), inDialect(lines, dialect)));
    }
  }

  for (const dialect of NAMES) {
    test(`${dialect} is written down somewhere`, () =>
      assert.ok(URL.canParse(DIALECTS[dialect].specification)));
  }
});

const VALUES: readonly (readonly [value: string, written: ByDialect<string>])[] = [
  [
    '/users/:id',
    {
      dogstatsd: '/users/:id',
      etsy: 'users-_id',
      graphite: '/users/_id',
      sysdig: '/users/_id',
      telegraf: '/users/_id',
    },
  ],
  ['/', { dogstatsd: '/', etsy: 'root', graphite: '/', sysdig: '/', telegraf: '/' }],
  ['*', { dogstatsd: '*', etsy: '_', graphite: '_', sysdig: '*', telegraf: '*' }],
  // statsd_exporter takes brackets in a name for SignalFx's tags.
  [
    '/:id([0-9])',
    {
      dogstatsd: '/:id([0-9])',
      etsy: '_id__0-9__',
      graphite: '/_id__0-9__',
      sysdig: '/_id(_0-9_)',
      telegraf: '/_id(_0-9_)',
    },
  ],
  ['a,b|c', { dogstatsd: 'a_b_c', etsy: 'a_b_c', graphite: 'a_b_c', sysdig: 'a_b_c', telegraf: 'a_b_c' }],
  [
    'a=b;c#d@e',
    {
      dogstatsd: 'a=b;c#d@e',
      etsy: 'a_b_c_d_e',
      graphite: 'a=b_c_d_e',
      sysdig: 'a_b;c_d_e',
      telegraf: 'a=b;c#d@e',
    },
  ],
  [
    'two words',
    {
      dogstatsd: 'two words',
      etsy: 'two_words',
      graphite: 'two_words',
      sysdig: 'two_words',
      telegraf: 'two_words',
    },
  ],
  [
    'a\r\nb\u2028c\0',
    { dogstatsd: 'a__b_c_', etsy: 'a__b_c_', graphite: 'a__b_c_', sysdig: 'a__b_c_', telegraf: 'a__b_c_' },
  ],
  ['~x', { dogstatsd: '~x', etsy: '_x', graphite: '_x', sysdig: '~x', telegraf: '~x' }],
  ['é', { dogstatsd: 'é', etsy: '_', graphite: '_', sysdig: 'é', telegraf: 'é' }],
  ['\uD83D', { dogstatsd: '\uFFFD', etsy: '_', graphite: '_', sysdig: '\uFFFD', telegraf: '\uFFFD' }],
];

describe('the value of an attribute', () => {
  const around: ByDialect<readonly [before: string, after: string]> = {
    dogstatsd: ['a_total:1|c|#k:', ''],
    etsy: ['a.k.', ':1|c'],
    graphite: ['a;k=', ':1|c'],
    sysdig: ['a#k=', ':1|c'],
    telegraf: ['a_total,k=', ':1|c'],
  };
  for (const [value, written] of VALUES) {
    for (const dialect of NAMES) {
      test(`${dialect}: ${JSON.stringify(value)}`, () => {
        const [before, after] = inDialect(around, dialect);
        assert.deepEqual(linesOf(dialect, [counter('a', [[{ k: value }, 1]])]), [
          `${before}${inDialect(written, dialect)}${after}`,
        ]);
      });
    }
  }
});

describe('whatever names, keys and values there are', () => {
  const piece = fc.constantFrom(
    ...[
      ',',
      '|',
      ':',
      '#',
      '@',
      '[',
      ']',
      '\n',
      '\r',
      '\u2028',
      '\u2029',
      '\0',
      '\x7f',
      '\x85',
      '\ud83d',
      '\ude00',
    ],
    ...['😀', 'é', '~', ';', '=', '/', ' ', '\t', '\ufeff', '.', '-', '_', '%', '"', '\\', '*', '!', '^'],
    ...['a', '0', 'constructor', '__proto__', '|c', ':1|c', '|#x:y', '@0.1', '\nx:1|c', 'none', 'root'],
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constant('x:|,\n'.repeat(2000)),
  );
  /** As labels are named, so that no two keys become one. */
  const labelled = (key: string): string => {
    const name = key.replace(/[^a-zA-Z0-9]+/g, '_') || '_';
    return /^[0-9]/.test(name) ? `key_${name}` : name;
  };
  const attributes = fc.uniqueArray(fc.tuple(text, text), {
    maxLength: 5,
    selector: ([key]) => labelled(key),
  });
  const kind = fc.constantFrom('counter', 'gauge', 'negative', 'histogram');
  const given = fc.record({
    prefix: fc.constantFrom('', 'shop.'),
    nameOrder: fc.constantFrom(['http.route'], ['constructor', '__proto__'], ['a', '0']),
  });

  const make = (kind: string, name: string, own: readonly (readonly [string, string])[]): MetricData => {
    const of = Object.fromEntries(own);
    if (kind === 'counter') return counter(name, [[of, 3]]);
    if (kind === 'histogram') return histogram(name, [1], [[of, [1, 0]]]);
    return gauge(name, [[of, kind === 'gauge' ? 3 : -3]]);
  };
  const VALUE: Readonly<Record<string, readonly number[]>> = {
    counter: [3],
    gauge: [3],
    negative: [0, -3],
    histogram: [0.5],
  };

  for (const dialect of NAMES) {
    test(`${dialect}: each line is one metric with its value and all its tags`, () => {
      fc.assert(
        fc.property(text, attributes, kind, given, (name, own, kind, options) => {
          const lines = linesOf(dialect, [make(kind, `m${name}`, own)], options);
          const parsed = lines.map((line) => parseLine(dialect, line));
          assert.deepEqual(
            parsed.map(({ samples }) => samples.map(({ value }) => value)),
            VALUE[kind]?.map((value) => [value]),
          );
          const filled = own.filter(([, value]) => value !== '');
          for (const line of parsed) {
            assert.ok(line.name.startsWith(`${options.prefix}m`), line.name);
            if (dialect !== 'etsy')
              assert.deepEqual([...line.tags.keys()].sort(), filled.map(([key]) => labelled(key)).sort());
          }
        }),
        { numRuns: 400 },
      );
    });
  }

  test('etsy: each attribute has its parts in the name', () => {
    fc.assert(
      fc.property(attributes, kind, given, (own, kind, options) => {
        const [line = ''] = linesOf('etsy', [make(kind, 'm', own)], options);
        const parts = parseLine('etsy', line).name.slice(options.prefix.length).split('.').length - 1;
        const filled = own.filter(([, value]) => value !== '');
        const ordered = filled.filter(([key]) => options.nameOrder.some((first) => first === key));
        assert.equal(parts, 2 * filled.length - ordered.length);
      }),
      { numRuns: 400 },
    );
  });

  test('a name of nothing that can be written is not sent', () => {
    for (const dialect of NAMES) {
      for (const name of ['', '.', '...'])
        assert.deepEqual(
          linesOf(dialect, [counter(name, [[{}, 1]])]),
          ['datadog', 'dogstatsd', 'telegraf'].includes(dialect) ? ['total:1|c'] : [],
        );
    }
  });
});
