import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Exporter } from '../../src/exporters/exporter.ts';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import { createBackground } from '../../src/instruments/app/collections.ts';
import { createAllExporters } from '../../src/pipeline/all-exporters.ts';
import { MemoryReader } from '../views/memory-reader.ts';

const exporterOf = (reader: Exporter['reader'], more: Partial<Exporter> = {}): Exporter => ({
  reader,
  open: async () => undefined,
  close: async () => {},
  ...more,
});

test('what nobody has scraped is collected now and then, which is no scrape: it ends no series', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const background = createBackground();
  const seen: ('scrape' | 'background')[] = [];
  const reader = new PullReader();
  reader.collect = async () => {
    reader.started += 1;
    seen.push(background.active ? 'background' : 'scrape');
    return { resourceMetrics: { resource: Object(undefined), scopeMetrics: [] }, errors: [] };
  };
  const exporters = createAllExporters([
    exporterOf(reader, { pulled: reader }),
    exporterOf(new MemoryReader()),
  ]);
  const end = exporters.drainUnread(background.during);
  const interval = 300_000;
  mock.timers.tick(interval);
  assert.deepEqual(seen, ['background']);
  void reader.collect();
  mock.timers.tick(interval);
  assert.deepEqual(seen, ['background', 'scrape']);
  mock.timers.tick(interval);
  assert.deepEqual(seen, ['background', 'scrape', 'background']);
  end();
  mock.timers.tick(interval);
  assert.equal(seen.length, 3);
});
