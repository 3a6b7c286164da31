import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { PeriodicReader } from '../../src/exporters/reading/periodic-reader.ts';
import { withDefaultLabels, withMissingLabels } from '../../src/metric-data/default-labels.ts';
import { recordedContext } from '../exporters/push-context.ts';

async function collected() {
  const reader = new PeriodicReader({
    intervalMillis: 1000,
    timeoutMillis: 1000,
    guard: recordedContext().guard,
    push: () => {},
    onFailure: () => {},
  });
  const provider = new MeterProvider({ readers: [reader], resource: resourceFromAttributes({ a: 'b' }) });
  const meter = provider.getMeter('shop');
  meter.createCounter('orders').add(3, { team: 'own', kind: 'book' });
  meter.createHistogram('price').record(2);
  return (await reader.collect()).resourceMetrics;
}

test('every data point carries the labels, and its own attributes win', async () => {
  const labelled = withDefaultLabels(await collected(), { environment: 'dev', team: 'x' });
  const points = labelled.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes }) => [descriptor.name, attributes]),
    ),
  );
  assert.deepEqual(points, [
    ['orders', { environment: 'dev', team: 'own', kind: 'book' }],
    ['price', { environment: 'dev', team: 'x' }],
  ]);
});

test('what was collected stays as it was', async () => {
  const before = await collected();
  withDefaultLabels(before, { team: 'x' });
  assert.deepEqual(before.scopeMetrics[0]?.metrics[1]?.dataPoints[0]?.attributes, {});
});

test('the value, the times and the resource are kept', async () => {
  const before = await collected();
  const after = withDefaultLabels(before, { team: 'x' });
  const [point, labelled] = [before, after].map((one) => one.scopeMetrics[0]?.metrics[0]?.dataPoints[0]);
  assert.deepEqual({ ...labelled, attributes: {} }, { ...point, attributes: {} });
  assert.equal(after.resource, before.resource);
});

test('without labels nothing is copied', async () => {
  const before = await collected();
  assert.equal(withDefaultLabels(before, {}), before);
});

test('an attribute overrides a label whose written name is the same', () => {
  assert.deepEqual(withMissingLabels({ 'team.name': 'a', x: 1 }, { team_name: 'b', v: '1' }), {
    v: '1',
    'team.name': 'a',
    x: 1,
  });
});
