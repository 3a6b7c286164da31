import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Meter, MeterProvider } from '@opentelemetry/api';
import { createNoopMeter } from '@opentelemetry/api';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { GAUGES } from '../../../src/instruments/runtime/gauge-aggregations.ts';
import { startRuntimeMetrics } from '../../../src/instruments/runtime/runtime-metrics.ts';
import { table } from '../../docs/pages.ts';

/** Meters that do nothing but remember the names of gauges. */
function gaugeMeters(): { readonly meters: MeterProvider; readonly made: string[] } {
  const noop = createNoopMeter();
  const made: string[] = [];
  const meter: Meter = Object.assign(Object.create(noop) as Meter, {
    createGauge(name: string) {
      made.push(name);
      return noop.createGauge(name);
    },
    createObservableGauge(name: string) {
      made.push(name);
      return noop.createObservableGauge(name);
    },
  });
  return { meters: { getMeter: () => meter }, made };
}

it('every gauge of the runtime, and nothing else, has an aggregation over processes', () => {
  const { meters, made } = gaugeMeters();
  const lines: string[] = [];
  const end = startRuntimeMetrics({
    meters,
    scope: { name: 'routemeter', version: '1' },
    process,
    guard: createGuard(createLog('info', (line) => lines.push(line))),
  });
  end();
  assert.deepEqual(lines, []);
  assert.deepEqual([...GAUGES.keys()].sort(), made.sort());
});

it('they are the gauges of docs/runtime-metrics.md', () => {
  const documented = table(
    'docs/runtime-metrics.md',
    '| Metric | In Prometheus | Kind | Unit | Attribute | What it is |',
  )
    .filter(([, , kind]) => kind === 'gauge')
    .map(([name = '']) => name);
  assert.deepEqual([...GAUGES.keys()].sort(), documented.sort());
});
