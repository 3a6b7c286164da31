/** The shipped configurations for other programs have the buckets of a scrape. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import type { Meter } from '@opentelemetry/api';
import { parse } from 'yaml';
import { familyName } from '../../src/metric-data/names.ts';
import { appMeters } from '../app-meters.ts';
import { MemoryReader } from '../views/memory-reader.ts';
import { read } from './pages.ts';

interface Statsd {
  readonly timer_histogram_mapping: readonly {
    readonly statsd_type: string;
    readonly observer_type: string;
    readonly histogram: {
      readonly explicit_buckets: readonly { readonly matcher_pattern: string; readonly buckets: number[] }[];
    };
  }[];
}
const { timer_histogram_mapping } = (
  parse(read('collector-config.yaml')) as { receivers: { statsd: Statsd } }
).receivers.statsd;

interface Mapping {
  readonly match: string;
  readonly match_type: string;
  readonly name: string;
  readonly histogram_options: { readonly buckets: number[] };
}
const { defaults, mappings } = parse(read('examples/compose/statsd-mapping.yml')) as {
  readonly defaults: Pick<Mapping, 'histogram_options'> & { readonly observer_type: string };
  readonly mappings: readonly Mapping[];
};

/** The buckets that the Collector's receiver chooses: those of the first pattern found in the name. */
const ofCollector = (type: string, name: string): number[] | undefined =>
  timer_histogram_mapping
    .find(({ statsd_type }) => statsd_type === type)
    ?.histogram.explicit_buckets.find(({ matcher_pattern }) => new RegExp(matcher_pattern).test(name))
    ?.buckets;

/** What statsd_exporter chooses: the first mapping that matches, or the defaults. */
function ofStatsdExporter(name: string): { family: string; buckets: number[] } {
  for (const mapping of mappings) {
    const match = new RegExp(mapping.match).exec(name);
    if (match === null) continue;
    const family = mapping.name.replace(/\$\{?(\d)\}?/g, (_, group) => match[group] ?? '');
    return { family: family.replace(/\W/g, '_'), buckets: mapping.histogram_options.buckets };
  }
  return { family: name.replace(/\W/g, '_'), buckets: defaults.histogram_options.buckets };
}

/** The boundaries that a histogram of the app has in the SDK. */
async function recorded(name: string, unit: string): Promise<readonly number[]> {
  const reader = new MemoryReader();
  const meter = appMeters({}, [reader]).provider.getMeter('test');
  if (name === GC) createGcHistogram(meter);
  else meter.createHistogram(name, { unit }).record(1);
  const [point] = await reader.points();
  return point?.boundaries ?? assert.fail('nothing recorded');
}

const GC = 'v8js.gc.duration';

/** Creates it as the runtime's instrumentation does, with boundaries of its own. */
function createGcHistogram(meter: Meter): void {
  const { createHistogram } = meter;
  meter.createHistogram = (...options) => {
    const histogram = createHistogram.apply(meter, options);
    histogram.record(1);
    return histogram;
  };
  const instrumentation = createRequire(import.meta.url).resolve(
    '@opentelemetry/instrumentation-runtime-node',
  );
  const { GCCollector } = createRequire(instrumentation)('./metrics/gcCollector.cjs');
  new GCCollector().updateMetricInstruments(meter);
}

/** The instruments that every app has, and one of each kind of an app's own. */
const HISTOGRAMS: readonly (readonly [name: string, unit: string])[] = [
  ['http.server.request.duration', 's'],
  ['http.server.request.cpu.duration', 's'],
  ['http.client.request.duration', 's'],
  [GC, 's'],
  ['app.rendering', 's'],
  ['app.rendering.cpu', 's'],
  ['app.payload', 'By'],
  ['app.batch', ''],
];
const familyOf = (name: string, unit: string): string =>
  familyName(name, unit, 'histogram') ?? assert.fail(name);

describe('the buckets of collector-config.yaml', () => {
  it('cover every type of sample that StatsD has for histograms', () => {
    assert.deepEqual(
      timer_histogram_mapping.map(({ statsd_type, observer_type }) => [statsd_type, observer_type]),
      [
        ['timing', 'histogram'],
        ['histogram', 'histogram'],
        ['distribution', 'histogram'],
      ],
    );
  });
  for (const [name, unit] of HISTOGRAMS) {
    for (const { statsd_type } of timer_histogram_mapping) {
      it(`match ${name} in ${unit || 'no unit'}, sent as ${statsd_type}`, async () => {
        assert.deepEqual(ofCollector(statsd_type, familyOf(name, unit)), await recorded(name, unit));
      });
    }
  }
});

describe('the buckets of statsd-mapping.yml', () => {
  it('match histograms', () => assert.equal(defaults.observer_type, 'histogram'));
  for (const prefix of ['', 'shop.']) {
    for (const [name, unit] of HISTOGRAMS) {
      const family = familyOf(name, unit);
      it(`match ${name} in ${unit || 'no unit'}, sent as ${prefix}${family}`, async () => {
        assert.deepEqual(ofStatsdExporter(prefix + family), {
          family: (prefix + family).replace('.', '_'),
          buckets: await recorded(name, unit),
        });
      });
    }
    for (const name of [
      'http.server.request.duration',
      'http.server.request.cpu.duration',
      'http.client.request.duration',
      GC,
    ]) {
      it(`match ${name}, sent as ${prefix}${name}`, async () => {
        assert.deepEqual(ofStatsdExporter(prefix + name), {
          family: prefix.replace('.', '_') + familyOf(name, 's'),
          buckets: await recorded(name, 's'),
        });
      });
    }
  }
});
