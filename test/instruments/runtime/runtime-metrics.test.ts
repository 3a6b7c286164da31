import assert from 'node:assert/strict';
import fs from 'node:fs';
import { afterEach, describe, it } from 'node:test';
import v8, { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Meter, MeterProvider } from '@opentelemetry/api';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';
import type { Config } from '../../../src/config/config.ts';
import { createGuard } from '../../../src/guest/guard.ts';
import { createLog } from '../../../src/guest/log.ts';
import { GAUGES } from '../../../src/instruments/runtime/gauge-aggregations.ts';
import {
  createRuntimeMetrics,
  type RuntimeMetricsOptions,
} from '../../../src/instruments/runtime/runtime-metrics.ts';
import { instrumentKindOf } from '../../../src/metric-data/kind.ts';
import { metricName } from '../../../src/metric-data/names.ts';
import { appMeters } from '../../app-meters.ts';
import { AppProcess, requestCounts, samples } from '../../app-process.ts';
import { table } from '../../docs/pages.ts';
import { MemoryReader, type Point } from '../../views/memory-reader.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const PROCESS = {
  cpuUsage: () => ({ user: 1_500_000, system: 250_000 }),
  memoryUsage: Object.assign(() => process.memoryUsage(), { rss: () => 4096 }),
  uptime: () => 40.5,
  versions: { ...process.versions, node: '24.1.0' },
};

const OF_THE_PROCESS = [
  'process.cpu.time',
  'process.memory.usage',
  'process.uptime',
  'process.unix.file_descriptor.count',
  'process.unix.file_descriptor.limit',
  'nodejs.version.info',
];

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** @param meters stand in for those of the configuration */
function start(
  given: Partial<Config> = {},
  meters?: (from: MeterProvider) => MeterProvider,
  part: Partial<Pick<RuntimeMetricsOptions, 'process'>> = {},
) {
  const reader = new MemoryReader();
  const { provider, lines } = appMeters(given, [reader], { keepsUnobserved: true });
  const { steps, end } = createRuntimeMetrics({
    meters: meters?.(provider) ?? provider,
    scope: { name: 'routemeter', version: '1' },
    process: 'process' in part ? part.process : PROCESS,
    fs,
    v8,
    guard: createGuard(createLog('info', (line) => lines.push(line))),
  });
  for (const step of steps) step();
  ends.push(end);
  return { reader, lines, end };
}

/** Collects until the groups that need time, or a collection of garbage, are there. */
async function everything(reader: MemoryReader): Promise<Point[]> {
  for (;;) {
    collectGarbage();
    const points = await reader.points();
    const has = (name: string): boolean => points.some((point) => point.name === name);
    if (has('nodejs.eventloop.delay.max') && has('v8js.gc.duration')) return points;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Served to Prometheus, and pushed nowhere. */
const SERVED_ONLY = 'process.start_time';

const documented = () =>
  table('docs/runtime-metrics.md', '| Metric | In Prometheus | Kind | Unit | Attribute | What it is |');

const WORDS = {
  counter: 'counter',
  upDownCounter: 'up-down counter',
  gauge: 'gauge',
  histogram: 'histogram',
} as const;

const valuesOf = (points: readonly Point[], name: string): (readonly [string, number])[] =>
  points
    .filter((point) => point.name === name)
    .map(({ attributes, value }) => [Object.values(attributes).join(), value]);

describe('metrics of the runtime', () => {
  it('match docs/runtime-metrics.md', async () => {
    const { reader } = start();
    await everything(reader);
    const { resourceMetrics } = await reader.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const found = metrics.map((metric) => [
      metric.descriptor.name,
      metricName(metric),
      WORDS[instrumentKindOf(metric)],
      metric.descriptor.unit,
      [...new Set(metric.dataPoints.flatMap(({ attributes }) => Object.keys(attributes)))].join(),
    ]);
    const rows = documented().filter(([name]) => name !== SERVED_ONLY);
    assert.deepEqual(found.sort(), rows.map((row) => row.slice(0, 5)).toSorted());
  });

  it("are what the page has in place of prom-client's", () => {
    const families = documented().map(([, family]) => family);
    const rows = table('docs/runtime-metrics.md', '| prom-client | routemeter |');
    const named = rows.flatMap(([, own = '']) => own.match(/(nodejs|process|v8js)_\w+(?=$|[`),{ ])/g) ?? []);
    const label = /^v8js_(resource_type|heap_space_name|gc_type)$|^process_runtime_version$/;
    assert.ok(named.length > rows.length);
    assert.deepEqual(
      named.filter((name) => !families.includes(name) && !label.test(name)),
      [],
    );
  });

  it('are gauges of which each, and nothing else, has an aggregation over processes', () => {
    const gauges = documented().filter(([, , kind]) => kind === 'gauge');
    assert.deepEqual([...GAUGES.keys()].sort(), gauges.map(([name]) => name).sort());
  });

  it("are the instrumentation's, group by group, and two of the process", async () => {
    const { reader } = start();
    const theirs = new MemoryReader();
    const instrumentation = new RuntimeNodeInstrumentation({ enabled: false });
    instrumentation.setMeterProvider(appMeters({}, [theirs], { keepsUnobserved: true }).provider);
    instrumentation.enable();
    ends.push(() => instrumentation.disable());
    const descriptors = async (from: MemoryReader): Promise<unknown[]> => {
      await everything(from);
      const { resourceMetrics } = await from.collect();
      return resourceMetrics.scopeMetrics
        .filter(({ scope }) => scope.name === instrumentation.instrumentationName)
        .flatMap(({ scope, metrics }) =>
          metrics.map(({ descriptor, dataPointType, dataPoints }) => {
            const values = dataPoints.map(({ value }) => value);
            const buckets = values.find((value) => typeof value === 'object' && 'buckets' in value)?.buckets;
            return { scope, descriptor, dataPointType, boundaries: buckets?.boundaries };
          }),
        );
    };
    assert.deepEqual(await descriptors(reader), await descriptors(theirs));
    const names = new Set((await reader.points()).map(({ name }) => name));
    assert.deepEqual(
      [...names].filter((name) => /^process\.|^nodejs\.version|external/.test(name)),
      [...OF_THE_PROCESS, 'v8js.memory.external'],
    );
  });

  it('have of the process CPU time by mode, resident memory, age and version', async () => {
    const points = await start().reader.points();
    assert.deepEqual(valuesOf(points, 'process.cpu.time'), [
      ['user', 1.5],
      ['system', 0.25],
    ]);
    assert.deepEqual(valuesOf(points, 'process.memory.usage'), [['', 4096]]);
    assert.deepEqual(valuesOf(points, 'process.uptime'), [['', 40.5]]);
    assert.deepEqual(valuesOf(points, 'nodejs.version.info'), [['24.1.0', 1]]);
  });

  it('have the memory of buffers', async () => {
    const { reader } = start();
    const bytes = async (): Promise<number> =>
      valuesOf(await reader.points(), 'v8js.memory.external')[0]?.[1] ?? 0;
    const before = await bytes();
    const held = Buffer.alloc(50e6);
    const grown = (await bytes()) - before;
    assert.ok(grown >= held.length && grown < 60e6, `${grown} bytes`);
  });

  it('have of a worker thread only what is its own', async () => {
    const { reader } = start({}, undefined, { process: undefined });
    const names = new Set((await reader.points()).map(({ name }) => name));
    assert.ok(names.has('v8js.memory.external'));
    assert.deepEqual(
      OF_THE_PROCESS.filter((name) => names.has(name)),
      [],
    );
  });

  it('have the configured boundaries and attributes, and bounded series', async () => {
    const { reader, lines } = start({
      buckets: [{ instrument: 'v8js.*', boundaries: [0.001, 0.1] }],
      attributes: [{ attribute: 'cpu.*', keep: false }],
      cardinalityLimit: 5,
    });
    const points = await everything(reader);
    const gc = points.find(({ name }) => name === 'v8js.gc.duration');
    assert.deepEqual(gc?.boundaries, [0.001, 0.1]);
    assert.deepEqual(valuesOf(points, 'process.cpu.time'), [['', 1.75]]);
    assert.equal(valuesOf(points, 'v8js.memory.heap.used').length, 5);
    assert.match(lines.join(), /v8js\.memory\.heap\.used has 4 series/);
  });

  it('lack a group that cannot be measured, which is logged once', async () => {
    const broken = (meter: Meter): Meter =>
      Object.assign(Object.create(meter) as Meter, {
        createHistogram: () => {
          throw new TypeError('no such thing');
        },
      });
    const { reader, lines } = start({}, ({ getMeter }) => ({
      getMeter: (...scope) => broken(getMeter(...scope)),
    }));
    const names = new Set((await reader.points()).map(({ name }) => name));
    assert.ok(names.has('v8js.memory.heap.used') && names.has('nodejs.eventloop.utilization'));
    assert.deepEqual(lines, [
      'routemeter: internal error at runtime, the app is not affected: no such thing\n',
    ]);
  });

  it('stop', async () => {
    const { reader, end } = start();
    const before = valuesOf(await everything(reader), 'v8js.gc.duration');
    end();
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(valuesOf(await reader.points(), 'v8js.gc.duration'), before);
  });
});

const FAMILY = /^# TYPE ((?:nodejs|v8js|process)_\S+)/gm;
const families = (exposition: string): string[] =>
  [...exposition.matchAll(FAMILY)].map(([, name = '']) => name);

/** A server that, when a path is asked for, does what the program says. */
const server = (program: string): string => `
  import http from 'node:http';
  import perf from 'node:perf_hooks';
  import { createRequire, Module } from 'node:module';
  const require = createRequire(process.cwd() + '/x.js');
  const before = Module.prototype.require;
  ${program}
  const server = http.createServer((q, r) => r.end(q.url)).listen(0, '127.0.0.1', () =>
    console.log('http://127.0.0.1:' + server.address().port));`;

describe('a process that listens', () => {
  it('serves them to Prometheus from the first scrape on, except those that need time', async () => {
    const app = new AppProcess('http.mjs', { env: { OTEL_SERVICE_NAME: 'shop' } });
    const exposition = await app.scrape();
    const rows = documented();
    const late = /_delay_|_gc_/;
    assert.deepEqual(
      families(exposition).filter((name) => !late.test(name)),
      rows
        .map(([, name = '']) => name)
        .filter((name) => !late.test(name))
        .toSorted(),
    );
    const [rss = 0] = Object.values(samples(exposition, 'process_memory_usage_bytes'));
    assert.ok(rss > 20e6 && rss < 1e9, `${rss} bytes`);
    assert.deepEqual(app.stderr, [`routemeter: measuring HTTP requests of shop: ${await app.endpoint()}`]);
  });

  it('repeats the delay of the event loop if there is nothing new', async () => {
    const app = new AppProcess('http.mjs');
    const delay = 'nodejs_eventloop_delay_max_seconds';
    let exposition = '';
    while (!families(exposition).includes(delay)) exposition = await app.scrape();
    for (let i = 0; i < 3; i++) assert.ok(families(await app.scrape()).includes(delay));
  });

  it('has none of them if runtime-node is disabled, nor loads what measures them', async () => {
    const loaded = `Object.keys(require.cache).filter((file) => /routemeter-runtime/.test(file)).length`;
    const app = new AppProcess(server(`process.on('message', () => console.log('loaded', ${loaded}));`), {
      env: { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'runtime-node' },
    });
    await app.get('/');
    const exposition = await app.scrape();
    assert.deepEqual(families(exposition), []);
    assert.deepEqual(requestCounts(exposition), { 'GET - 200': 1 });
    app.child.send('look');
    await app.line('stdout', /^loaded 0$/);
  });

  it('has them without the HTTP metrics with OTEL_NODE_ENABLED_INSTRUMENTATIONS=runtime-node', async () => {
    const app = new AppProcess('http.mjs', { env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'runtime-node' } });
    await app.get('/');
    const exposition = await app.scrape();
    assert.ok(families(exposition).includes('nodejs_eventloop_utilization_ratio'));
    assert.deepEqual(requestCounts(exposition), {});
  });

  it('has its own perf_hooks and require as they were', async () => {
    const app = new AppProcess(
      server(`
        let seen = 0;
        const observer = new perf.PerformanceObserver((list) => { seen += list.getEntries().length; });
        observer.observe({ entryTypes: ['gc'] });
        const delay = perf.monitorEventLoopDelay({ resolution: 1 });
        delay.enable();
        process.on('message', () => setTimeout(() => {
          console.log('delays', delay.count > 5, 'require', before === Module.prototype.require);
          require('node:v8').setFlagsFromString('--expose-gc');
          require('node:vm').runInNewContext('gc')();
          setTimeout(() => console.log('garbage', seen > 0), 50);
        }, 50));`),
    );
    await app.scrape();
    app.child.send('look');
    await app.line('stdout', /^delays true require true$/);
    await app.line('stdout', /^garbage true$/);
  });
});

describe("the app's own instrumentation of the runtime", () => {
  const own = `
    const { RuntimeNodeInstrumentation } = require('@opentelemetry/instrumentation-runtime-node');
    const { metrics } = require('@opentelemetry/api');
    const instrumentation = new RuntimeNodeInstrumentation({ enabled: false });
    instrumentation.setMeterProvider(metrics.getMeterProvider());
    instrumentation.enable();
    const meter = metrics.getMeter('@opentelemetry/host-metrics');
    meter.createObservableCounter('process.cpu.time', { unit: 's' }).addCallback((r) => r.observe(1e6));
    meter.createObservableGauge('system.cpu.utilization', { unit: '1' }).addCallback((r) => r.observe(0.5));`;

  it('creates no second set, and its other metrics are kept', async () => {
    const exposition = await new AppProcess(server(own)).scrape();
    const lines = exposition.split('\n').filter((line) => /^(nodejs|v8js|process)_/.test(line));
    assert.ok(lines.length > 20);
    assert.equal(new Set(lines.map((line) => line.replace(/ \S+$/, ''))).size, lines.length);
    assert.deepEqual(
      lines.filter((line) => line.includes('otel_scope_')),
      [],
    );
    assert.deepEqual(samples(exposition, 'system_cpu_utilization_ratio'), { '': 0.5 });
    assert.equal(Object.keys(samples(exposition, 'process_cpu_time_seconds_total')).length, 2);
  });

  it('is left alone beside a MeterProvider of the app, and ours continues with the HTTP metrics', async () => {
    const app = new AppProcess(
      server(`
        const { MeterProvider } = require('@opentelemetry/sdk-metrics');
        require('@opentelemetry/api').metrics.setGlobalMeterProvider(new MeterProvider());`),
    );
    await app.get('/');
    const exposition = await app.scrape();
    assert.deepEqual(requestCounts(exposition), { 'GET - 200': 1 });
    assert.ok(families(exposition).includes('v8js_memory_heap_used_bytes'));
    assert.match(app.stderr.join('\n'), /only HTTP requests and the runtime are measured here/);
  });
});
