import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Attributes, createNoopMeter } from '@opentelemetry/api';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createWriter } from '../../../../src/exporters/prometheus/formats/text.ts';
import { createMadeInstruments } from '../../../../src/views/made-instruments.ts';
import {
  collected,
  counter,
  exponentialHistogram,
  gauge,
  histogram,
  upDownCounter,
  WITHOUT_MADE,
} from '../metrics.ts';
import { parse } from '../parser.ts';

interface Written {
  readonly text: string;
  readonly chunks: readonly string[];
  readonly warnings: readonly string[];
}

function writing(labels: Record<string, string> = {}): (metrics: ResourceMetrics) => Written {
  const said = new Map<string, string>();
  const write = createWriter({ ...WITHOUT_MADE, labels, warn: (key, message) => said.set(key, message) });
  return (metrics) => {
    const chunks = [...write(metrics)];
    return { text: chunks.join(''), chunks, warnings: [...said.values()] };
  };
}

/** The samples, without HELP and TYPE. */
function samples(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const app = { name: 'app' };
const other = { name: 'other', version: '2' };

test('a shop with every kind of metric is written as in shop.txt', () => {
  const metrics = collected(
    [
      [
        { name: 'shop', version: '1.0.0' },
        [
          histogram(
            'http.server.request.duration',
            [0.005, 1, 1e21],
            [
              [{ 'http.route': '/a' }, [1, 2, 0, 4]],
              [{ environment: 'production' }, [0, 1, 0, 0]],
            ],
            { unit: 's', description: 'Duration of HTTP server requests.', sum: 12.25 },
          ),
          upDownCounter('http.server.active_requests', [[{ 'http.request.method': 'GET' }, 2]], {
            unit: '{request}',
            description: 'Requests in flight\nright now, \\o/',
          }),
          gauge('cpu.share', [[{}, 0.25]], { unit: '1', description: '' }),
          counter('orders', [[{}, 1]]),
        ],
      ],
      [
        { name: 'warehouse' },
        [
          counter('orders', [[{ shop: 'say "hi"' }, 1e300]], { description: 'Another help' }),
          gauge(
            'temperature',
            [
              [{ room: 'attic' }, Number.POSITIVE_INFINITY],
              [{ room: 'cellar' }, Number.NEGATIVE_INFINITY],
              [{ room: 'kitchen' }, Number.NaN],
            ],
            { unit: 'Cel' },
          ),
        ],
      ],
    ],
    { 'service.name': 'shop', 'host.cpus': 4 },
  );
  const { text, warnings } = writing({ environment: 'dev' })(metrics);
  assert.equal(text, readFileSync(new URL('shop.txt', import.meta.url), 'utf8'));
  assert.deepEqual(warnings, []);
  parse(text);
});

test('nothing collected from an empty resource is an empty text', () => {
  assert.equal(writing()(collected([])).text, '');
});

test('an instrument without points has no family', () => {
  assert.equal(writing()(collected([[app, [counter('a', [])]]])).text, '');
});

const sharedLabels: readonly (readonly [what: string, metrics: readonly MetricData[], expected: string[]])[] =
  [
    [
      'a counter adds them up',
      [
        counter('a', [
          [{ k: 1 }, 2],
          [{ k: '1' }, 3],
        ]),
      ],
      ['a_total{k="1"} 5'],
    ],
    [
      'an up-down counter adds them up',
      [
        upDownCounter('a', [
          [{ k: 1 }, 2],
          [{ k: '1' }, -3],
        ]),
      ],
      ['a{k="1"} -1'],
    ],
    [
      'a gauge keeps the first',
      [
        gauge('a', [
          [{ k: 1 }, 2],
          [{ k: '1' }, 3],
        ]),
      ],
      ['a{k="1"} 2'],
    ],
    [
      'two counters of one name add up',
      [counter('a.b', [[{}, 2]]), counter('a_b', [[{}, 3]])],
      ['a_b_total 5'],
    ],
    [
      'an empty value is no label',
      [
        counter('a', [
          [{ k: '' }, 2],
          [{}, 3],
        ]),
      ],
      ['a_total 5'],
    ],
    [
      'histograms of the same boundaries add up',
      [
        histogram(
          'a',
          [1],
          [
            [{ k: 1 }, [1, 2]],
            [{ k: '1' }, [3, 4]],
          ],
        ),
      ],
      ['a_bucket{k="1",le="1"} 4', 'a_bucket{k="1",le="+Inf"} 10', 'a_sum{k="1"} 1', 'a_count{k="1"} 10'],
    ],
    [
      'of histograms of different boundaries the first stays',
      [histogram('a', [1], [[{}, [1, 2]]]), histogram('a', [2], [[{}, [3, 4]]])],
      ['a_bucket{le="1"} 1', 'a_bucket{le="+Inf"} 3', 'a_sum 0.5', 'a_count 3'],
    ],
  ];

for (const [what, metrics, expected] of sharedLabels) {
  test(`points with the same labels: ${what}`, () => {
    assert.deepEqual(samples(writing()(collected([[app, metrics]])).text), expected);
  });
}

test('a series that gives way to another is said once', () => {
  const write = writing();
  const metrics = collected([
    [
      app,
      [
        gauge('a', [
          [{ k: 1 }, 2],
          [{ k: '1' }, 3],
        ]),
      ],
    ],
  ]);
  write(metrics);
  assert.deepEqual(write(metrics).warnings, [
    'a: several series have the same labels once written for Prometheus; the first is served',
  ]);
});

const leftOut: readonly (readonly [what: string, first: MetricData, second: MetricData, warning: string])[] =
  [
    [
      'a gauge whose name a counter has',
      counter('a', [[{}, 1]]),
      gauge('a.total', [[{}, 2]]),
      'a.total is not served to Prometheus: the name a_total belongs to the counter a_total',
    ],
    [
      'a histogram whose name a gauge has',
      gauge('a', [[{}, 1]]),
      histogram('a', [1], [[{}, [1, 1]]]),
      'a is not served to Prometheus: the name a belongs to the gauge a',
    ],
    [
      'a gauge named like the samples of a histogram',
      histogram('a', [1], [[{}, [1, 1]]]),
      gauge('a.count', [[{}, 1]]),
      'a.count is not served to Prometheus: the name a_count belongs to the histogram a',
    ],
    [
      'a histogram with samples named like a gauge',
      gauge('a_sum', [[{}, 1]]),
      histogram('a', [1], [[{}, [1, 1]]]),
      'a is not served to Prometheus: the name a_sum belongs to the gauge a_sum',
    ],
    [
      'an instrument named like the resource',
      gauge('a', [[{}, 1]]),
      gauge('target.info', [[{}, 2]]),
      'target.info is not served to Prometheus: the name target_info belongs to the info target_info',
    ],
    [
      'an exponential histogram',
      gauge('a', [[{}, 1]]),
      exponentialHistogram('http.client.request.duration'),
      'http.client.request.duration is not served to Prometheus: its text format has no exponential histograms',
    ],
    [
      'an instrument without a name to write',
      gauge('a', [[{}, 1]]),
      gauge('ページ', [[{}, 1]]),
      'ページ is not served to Prometheus: nothing of its name can be written',
    ],
  ];

for (const [what, first, second, warning] of leftOut) {
  test(`${what} is left out with one warning`, () => {
    const write = writing();
    const alone = writing()(collected([[app, [first]]])).text;
    assert.equal(
      write(
        collected([
          [app, [first]],
          [other, [second]],
        ]),
      ).text,
      alone,
    );
    assert.deepEqual(
      write(
        collected([
          [app, [first]],
          [other, [second]],
        ]),
      ).warnings,
      [warning],
    );
  });
}

test('who has a name keeps it when the scopes come in another order, and so does the help', () => {
  const write = writing();
  const mine = [app, [counter('a', [[{}, 1]]), gauge('b', [[{}, 1]])]] as const;
  const theirs = [
    other,
    [gauge('a_total', [[{}, 2]]), gauge('b', [[{}, 2]], { description: 'Other help' })],
  ] as const;
  const before = write(collected([mine, theirs])).text;
  assert.match(before, /^# HELP b Help of b$/m);
  assert.equal(write(collected([theirs, mine])).text, before);
});

test('scope labels are on every series where they are asked for, and not on the resource', () => {
  const write = createWriter({ ...WITHOUT_MADE, scopeLabels: true, labels: {}, warn: assert.fail });
  const scope = { name: 'other', version: '2', schemaUrl: 'https://example.com/1' };
  const metrics = collected([
    [app, [counter('one', [[{ a: 1 }, 1]])]],
    [scope, [histogram('two', [1], [[{}, [1, 0]]]), gauge('three', [[{}, 3]])]],
    [{ name: '' }, [gauge('four', [[{}, 4]])]],
  ]);
  const labels =
    'otel_scope_name="other",otel_scope_schema_url="https://example.com/1",otel_scope_version="2"';
  const text = [...write(metrics)].join('');
  assert.deepEqual(
    samples(text).filter((line) => !line.startsWith('target_info')),
    [
      'four 4',
      'one_total{a="1",otel_scope_name="app"} 1',
      `three{${labels}} 3`,
      `two_bucket{${labels},le="1"} 1`,
      `two_bucket{${labels},le="+Inf"} 1`,
      `two_sum{${labels}} 0.5`,
      `two_count{${labels}} 1`,
    ],
  );
  assert.doesNotMatch(text, /^target_info\{.*otel_scope/m);
});

test('scope labels are written only where one name comes from two scopes', () => {
  const { text } = writing()(
    collected([
      [app, [gauge('both', [[{}, 1]]), gauge('mine', [[{}, 1]])]],
      [other, [gauge('both', [[{}, 2]])]],
      [{ ...other, schemaUrl: 'https://example.com/1' }, [gauge('both', [[{}, 3]])]],
    ]),
  );
  assert.deepEqual(samples(text), [
    'both{otel_scope_name="app"} 1',
    'both{otel_scope_name="other",otel_scope_version="2"} 2',
    'both{otel_scope_name="other",otel_scope_schema_url="https://example.com/1",otel_scope_version="2"} 3',
    'mine 1',
  ]);
});

test('a series that gets scope labels later gets them in the text too', () => {
  const write = writing();
  const attributes: Attributes = { k: 1 };
  const mine = [app, [gauge('a', [[attributes, 1]])]] as const;
  assert.deepEqual(samples(write(collected([mine])).text), ['a{k="1"} 1']);
  assert.deepEqual(samples(write(collected([mine, [other, [gauge('a', [[attributes, 2]])]]])).text), [
    'a{k="1",otel_scope_name="app"} 1',
    'a{k="1",otel_scope_name="other",otel_scope_version="2"} 2',
  ]);
});

const buckets: readonly (readonly [what: string, metric: MetricData, expected: string[]])[] = [
  [
    'without boundaries',
    histogram('a', [], [[{}, [3]]]),
    ['a_bucket{le="+Inf"} 3', 'a_sum 0.5', 'a_count 3'],
  ],
  [
    'without a sum',
    histogram('a', [1], [[{}, [1, 2]]], { sum: undefined }),
    ['a_bucket{le="1"} 1', 'a_bucket{le="+Inf"} 3', 'a_count 3'],
  ],
  [
    'with a boundary given twice',
    histogram('a', [1, 1, 2], [[{}, [1, 2, 3, 4]]]),
    ['a_bucket{le="1"} 3', 'a_bucket{le="2"} 6', 'a_bucket{le="+Inf"} 10', 'a_sum 0.5', 'a_count 10'],
  ],
  [
    'with +Inf among the boundaries',
    histogram('a', [1, Number.POSITIVE_INFINITY], [[{}, [1, 2, 0]]]),
    ['a_bucket{le="1"} 1', 'a_bucket{le="+Inf"} 3', 'a_sum 0.5', 'a_count 3'],
  ],
  [
    'with an attribute named le',
    histogram('a', [], [[{ le: 'x' }, [3]]]),
    ['a_bucket{exported_le="x",le="+Inf"} 3', 'a_sum{exported_le="x"} 0.5', 'a_count{exported_le="x"} 3'],
  ],
];

for (const [what, metric, expected] of buckets) {
  test(`a histogram ${what}`, () => {
    const { text } = writing()(collected([[app, [metric]]]));
    assert.deepEqual(samples(text), expected);
    parse(text);
  });
}

test('families come sorted by name, series in the order of the SDK', () => {
  const points = [
    [{ k: 'z' }, 1],
    [{ k: 'a' }, 2],
  ] as const;
  const { text } = writing()(
    collected([
      [app, [gauge('z', points), gauge('b', points)]],
      [other, [gauge('a', points)]],
    ]),
  );
  assert.deepEqual([...parse(text).keys()], ['a', 'b', 'z']);
  assert.deepEqual(samples(text).slice(0, 2), ['a{k="z"} 1', 'a{k="a"} 2']);
});

test('many series come in slices of a few thousand lines', () => {
  const points = Array.from({ length: 3000 }, (_, i) => [{ i }, [1, 2, 3, 4]] as const);
  const { text, chunks } = writing()(
    collected([
      [
        app,
        [
          histogram(
            'a',
            [1, 2, 3],
            points.map(([k, v]) => [k, [...v]] as const),
          ),
        ],
      ],
    ]),
  );
  const most = Math.max(...chunks.map((chunk) => chunk.split('\n').length));
  assert.ok(most < 4100, `${most} lines in one slice`);
  assert.ok(chunks.filter((chunk) => chunk === '').length >= 10, 'the series are prepared in slices too');
  assert.equal(samples(text).length, 3000 * 6);
  parse(text);
});

describe('a name that two instruments have', () => {
  /** A process that has made these, each in a scope of its own. */
  type Made = 'createGauge' | 'createCounter' | 'createHistogram';
  const made = (kinds: readonly Made[], description = '') => {
    const instruments = createMadeInstruments();
    const provider = instruments.note({ getMeter: () => createNoopMeter() });
    for (const [i, kind] of kinds.entries()) {
      provider
        .getMeter(`scope ${i}`)
        [kind](kind === 'createCounter' ? 'jobs' : 'jobs.total', { description });
    }
    return instruments;
  };
  const parts = {
    createGauge: gauge('jobs.total', [[{}, 1]]),
    createCounter: counter('jobs', [[{}, 2]]),
    createHistogram: histogram('jobs.total', [1], [[{}, [1, 2]]]),
  };
  const types = { createGauge: 'gauge', createCounter: 'counter', createHistogram: 'histogram' };
  const kinds = Object.keys(parts) as (keyof typeof parts)[];
  for (const first of kinds) {
    for (const second of kinds.filter((kind) => kind !== first)) {
      test(`is that of the ${types[first]} if it was made before the ${types[second]}`, () => {
        const said: string[] = [];
        const write = createWriter({
          labels: {},
          warn: (_, message) => said.push(message),
          instruments: made([first, second]),
          scopeLabels: false,
          reserved: [],
        });
        const text = (...order: readonly number[]): string => {
          const all: Parameters<typeof collected>[0] = [
            [{ name: 'scope 0' }, [parts[first]]],
            [{ name: 'scope 1' }, [parts[second]]],
          ];
          return [
            ...write(collected(all.filter((_, i) => order.includes(i)).toSorted(() => order[0] ?? 0))),
          ].join('');
        };
        // In whichever order, and if the first has nothing to say.
        assert.deepEqual(samples(text(1)), []);
        const both = text(1, 0);
        assert.match(both, new RegExp(`^# TYPE jobs_total ${types[first]}$`, 'm'));
        assert.equal(text(0, 1), both);
        assert.equal(new Set(said).size, 1);
      });
    }
  }

  for (const [what, description, expected] of [
    ['was made, although another one is written before it', 'As it was made.', 'As it was made.'],
    ['is written, if the first that was made has none', '', 'Help 1'],
  ] as const) {
    test(`has the help of the first that ${what}`, () => {
      const instruments = made(['createGauge', 'createGauge'], description);
      const write = createWriter({ ...WITHOUT_MADE, labels: {}, warn: assert.fail, instruments });
      const help = (...scopes: readonly number[]): string | undefined => {
        const metrics = collected(
          scopes.map((i) => [
            { name: `scope ${i}` },
            [gauge('jobs.total', [[{}, 1]], { description: `Help ${i}` })],
          ]),
        );
        return [...write(metrics)].join('').match(/^# HELP jobs_total (.*)$/m)?.[1];
      };
      assert.equal(help(1), expected);
      assert.equal(help(1, 0), expected);
    });
  }

  test('is ours where it is one of ours', () => {
    const said: string[] = [];
    const write = createWriter({
      labels: {},
      warn: (_, message) => said.push(message),
      instruments: made(['createGauge']),
      scopeLabels: false,
      reserved: [counter('jobs', [])],
    });
    const metrics = collected([
      [{ name: 'scope 0' }, [gauge('jobs.total', [[{}, 1]])]],
      [{ name: 'routemeter' }, [counter('jobs', [[{}, 2]])]],
    ]);
    assert.deepEqual(samples([...write(metrics)].join('')), ['jobs_total 2']);
    assert.equal(said.length, 1);
  });
});
