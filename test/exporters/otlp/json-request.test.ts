import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  AggregationType,
  MeterProvider,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { jsonRequest } from '../../../src/exporters/otlp/json-request.ts';
import { representable } from '../../../src/exporters/otlp/representable.ts';
import { MemoryReader } from '../../views/memory-reader.ts';
import { NUMBERS, recordExtremes } from './extremes.ts';

type Meter = ReturnType<MeterProvider['getMeter']>;

async function collected(
  record: (meter: Meter) => void,
  { delta = false, exponential = false } = {},
): Promise<ResourceMetrics> {
  const reader = new MemoryReader(delta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE, {
    type: exponential ? AggregationType.EXPONENTIAL_HISTOGRAM : AggregationType.DEFAULT,
  });
  const provider = new MeterProvider({
    readers: [reader],
    resource: resourceFromAttributes({ 'service.name': 'shop', bytes: [1, 2] }),
  });
  record(provider.getMeter('app', '1.2.3', { schemaUrl: 'https://example.com/1' }));
  const { resourceMetrics } = await reader.collect();
  return representable(resourceMetrics, (instrument) => assert.fail(instrument));
}

/** As the library encodes. */
function libraryRequest(metrics: ResourceMetrics): Uint8Array {
  const delegate = Reflect.get(new OTLPMetricExporter(), '_delegate');
  return Reflect.get(Object(delegate), '_serializer').serializeRequest(metrics);
}

const decoded = (bytes: Uint8Array | undefined): unknown => JSON.parse(new TextDecoder().decode(bytes));

function ordinary(meter: Meter): void {
  meter.createCounter('orders', { unit: '{order}', description: 'How many.' }).add(3, { kind: 'book' });
  meter.createUpDownCounter('carts', { valueType: 0 }).add(-2, { open: true, size: 7, share: 0.5 });
  meter.createGauge('heat').record(36.6, { list: ['a', 'b'], numbers: [1, 2.5] });
  meter.createHistogram('price', { unit: 's' }).record(2.5);
  meter.createHistogram('negative').record(-2.5);
  meter.createObservableCounter('ticks').addCallback((result) => result.observe(7));
}

for (const delta of [false, true]) {
  test(`ordinary data are written as the library writes them, ${delta ? 'delta' : 'cumulative'}`, async () => {
    const metrics = await collected(ordinary, { delta, exponential: delta });
    assert.deepEqual(decoded(jsonRequest(metrics)), decoded(libraryRequest(metrics)));
  });
}

type Json = { readonly [name: string]: unknown };
type Wire = {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly Json[] }[];
  }[];
};

/** The data points of each metric. */
function points(wire: Wire): Map<string, Json> {
  const found = new Map<string, Json>();
  for (const metric of wire.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? []) {
    const data = (metric.gauge ?? metric.sum ?? metric.histogram) as { dataPoints: Json[] };
    found.set(String(metric.name), data.dataPoints[0] ?? {});
  }
  return found;
}

const TEXTS: Readonly<Record<string, number | string>> = {
  nan: 'NaN',
  infinite: 'Infinity',
  'minus.infinite': '-Infinity',
  unsafe: '4611686018427387904',
};
const INT64 = ['minus.zero', 'largest.safe', 'unsafe'];

test('numbers that JSON does not have are strings, and integers beyond 64 bits are floating point', async () => {
  const wire = points(decoded(jsonRequest(await collected(recordExtremes))) as Wire);
  for (const [name, number] of NUMBERS) {
    const whole = INT64.includes(name);
    const double = Number.isFinite(number) ? number + 0 : TEXTS[name];
    assert.equal(wire.get(`gauge.${name}`)?.asDouble, double);
    assert.equal(wire.get(`observed.${name}`)?.asDouble, double);
    if (Number.isFinite(number)) {
      const integer = wire.get(`integer.${name}`);
      assert.equal(whole ? integer?.asInt : integer?.asDouble, TEXTS[name] ?? number + 0);
    }
    const [attribute] = (wire.get(`attribute.${name}`)?.attributes ?? []) as { value: Json }[];
    assert.deepEqual(
      attribute?.value,
      whole ? { intValue: TEXTS[name] ?? number + 0 } : { doubleValue: double },
    );
  }
  const { sum, max, min } = wire.get('price') ?? {};
  assert.deepEqual([sum, min, max], ['Infinity', 5, 'Infinity']);
});

test('the schema of the resource is that of its metrics', async () => {
  const metrics = await collected(ordinary);
  const { resource } = metrics;
  const schemaUrl = 'https://example.com/2';
  const request = decoded(
    jsonRequest({ ...metrics, resource: { ...resource, attributes: resource.attributes, schemaUrl } }),
  );
  assert.equal(Reflect.get(Object((request as Wire).resourceMetrics[0]), 'schemaUrl'), schemaUrl);
});

test('no string has half a character', async () => {
  const text = new TextDecoder().decode(jsonRequest(await collected(recordExtremes)));
  assert.doesNotMatch(text, /\\ud[89a-f]/i);
  assert.match(text, /"x\ufffdy"/);
});

test('a histogram whose counts do not fit is dropped, and named', async () => {
  const metrics = await collected((meter) => {
    const price = meter.createHistogram('price');
    price.record(1, { shop: 'a' });
    price.record(1, { shop: 'b' });
    meter.createCounter('orders').add(1);
  });
  const point = metrics.scopeMetrics[0]?.metrics[0]?.dataPoints[0];
  Object.assign(Object(point?.value), { count: 2 ** 64 });
  const leftOut: string[] = [];
  const { scopeMetrics } = representable(metrics, (instrument) => leftOut.push(instrument));
  assert.deepEqual(leftOut, ['price']);
  assert.deepEqual(
    scopeMetrics[0]?.metrics.map((metric) => metric.dataPoints.map(({ attributes }) => attributes)),
    [[{ shop: 'b' }], [{}]],
  );
});
