import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CollectionResult } from '@opentelemetry/sdk-metrics';
import { createCollect } from '../../../src/exporters/prometheus/collect.ts';
import { recordedContext } from '../push-context.ts';
import { collected } from './metrics.ts';

function collecting(answer: () => Promise<CollectionResult>, timeoutMillis = 10_000) {
  const { log, lines } = recordedContext();
  const collect = createCollect({ reader: { collect: answer }, log, timeoutMillis });
  const errors = async (): Promise<unknown> =>
    (await collect()).scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value;
  return { collect, errors, lines };
}

function result(...errors: unknown[]): CollectionResult {
  return { resourceMetrics: collected([]), errors };
}

test('every error counts, from zero; each distinct message is logged once', async () => {
  const given: unknown[] = [];
  const { errors, lines } = collecting(async () => result(...given));
  assert.equal(await errors(), 0);
  given.push(new Error('a'), new Error('b'), 'a');
  assert.equal(await errors(), 3);
  assert.equal(await errors(), 6);
  assert.deepEqual(lines, [
    'routemeter: an error while metrics were collected for Prometheus; the other metrics are served: a',
    'routemeter: an error while metrics were collected for Prometheus; the other metrics are served: b',
  ]);
});

test('messages that differ every time are not all logged', async () => {
  let n = 0;
  const { errors, lines } = collecting(async () => result(new Error(`at ${n++}`)));
  for (let i = 0; i < 50; i++) await errors();
  assert.equal(lines.length, 20);
  assert.equal(await errors(), 51);
});

test('a collect that fails rejects, counts as an error and does not spoil the next', async () => {
  let failing = true;
  const { collect, errors, lines } = collecting(async () => {
    if (failing) throw new Error('MetricReader is shutdown');
    return result();
  });
  await assert.rejects(collect(), { message: 'MetricReader is shutdown' });
  failing = false;
  assert.equal(await errors(), 1);
  assert.deepEqual(lines, [
    'routemeter: an error while metrics were collected for Prometheus; this scrape gets none: MetricReader is shutdown',
  ]);
});

test('a collect that never settles rejects in time, and the next one starts again', async () => {
  let hanging = true;
  const { collect, errors } = collecting(
    () => (hanging ? new Promise(() => {}) : Promise.resolve(result())),
    20,
  );
  await assert.rejects(collect(), { message: 'the metrics were not collected within 20 ms' });
  hanging = false;
  assert.equal(await errors(), 1);
});
