import type { Attributes, Meter } from '@opentelemetry/api';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { GaugeAggregation } from '../../src/config/types.ts';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import type { OwnReader } from '../../src/group/members/own-metrics.ts';
import { createKeyReader } from '../../src/group/state/keys.ts';
import { merge, type Source } from '../../src/group/state/merge.ts';
import type { State } from '../../src/group/state/state.ts';
import { createAttributesFor, metricsOf } from '../../src/group/state/to-metrics.ts';
import { createStateWriter, type StateWriter } from '../../src/group/state/writer.ts';
import { atOnce } from '../../src/guest/slices.ts';

/** A process that records through the SDK, as the group sees it. */
export interface Recorder {
  readonly meter: Meter;
  readonly writer: StateWriter;
  collect(): Promise<ResourceMetrics>;
  /** @param seconds when it is, 1 by default */
  state(seconds?: number): Promise<State>;
}

/** Reads a process' own metrics by collecting alone. */
export const ownReader = (collect: OwnReader['collect']): OwnReader => ({
  collect,
  inBackground: (start) => start(),
  readPending: () => undefined,
  started: 0,
  running: 0,
});

export function createRecorder(scope = 'app'): Recorder {
  const reader = new PullReader();
  const provider = new MeterProvider({ readers: [reader] });
  const writer = createStateWriter();
  const collect = async (): Promise<ResourceMetrics> => (await reader.collect()).resourceMetrics;
  return {
    meter: provider.getMeter(scope),
    writer,
    collect,
    async state(seconds = 1) {
      atOnce(writer.update(await collect(), seconds));
      return writer.state;
    },
  };
}

/** What another process reads of it: the keys' text and the doubles, as they are in the files. */
export function throughFiles(writer: StateWriter): State {
  const reader = createKeyReader();
  reader.read(writer.keys(0).text);
  return { metrics: reader.metrics, values: Float64Array.from(writer.state.values) };
}

export const living = (state: State, pid = 1): Source => ({
  state,
  living: true,
  process: { 'process.pid': pid },
});
export const retired = (state: State): Source => ({ ...living(state), living: false });

/** What processes come to. */
export const merged = (
  sources: readonly Source[],
  rule: GaugeAggregation = 'sum',
  cardinalityLimit?: number,
) => atOnce(merge(sources, { aggregationOf: () => rule, cardinalityLimit }));

type Readable = Record<string, Record<string, unknown>>;

/** `{ requests: { '{"route":"/"}': 3 } }`; attributes sorted, histograms without minimum and maximum. */
export function readable(metrics: Pick<ResourceMetrics, 'scopeMetrics'>): Readable {
  const all: Readable = {};
  for (const { metrics: ofScope } of metrics.scopeMetrics) {
    for (const { descriptor, dataPoints } of ofScope) {
      const series: Record<string, unknown> = {};
      for (const { attributes, value } of dataPoints) {
        const { min: _, max: __, ...kept } = typeof value === 'number' ? { value } : { ...value };
        series[sorted(attributes)] = typeof value === 'number' ? value : kept;
      }
      if (dataPoints.length > 0) all[descriptor.name] = series;
    }
  }
  return all;
}

export const readableState = (state: State): Readable =>
  readable({ scopeMetrics: atOnce(metricsOf(state, createAttributesFor())) });

function sorted(attributes: Attributes): string {
  return JSON.stringify(Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))));
}
