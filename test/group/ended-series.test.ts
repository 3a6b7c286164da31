import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mock, test } from 'node:test';
import { AggregationType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { PullReader } from '../../src/exporters/prometheus/reader.ts';
import { createEndings } from '../../src/group/endings.ts';
import { createRetiring } from '../../src/group/members/retiring.ts';
import type { StateReader } from '../../src/group/state/reader.ts';
import type { State } from '../../src/group/state/state.ts';
import { createStateWriter } from '../../src/group/state/writer.ts';
import { createLog } from '../../src/guest/log.ts';
import { atOnce } from '../../src/guest/slices.ts';
import { BOUND_END, binder } from '../../src/instruments/bound-series.ts';
import { keepStarts } from '../../src/instruments/starts.ts';
import { createPendingReader } from '../../src/pipeline/pending.ts';
import { createHttpAdmission } from '../../src/views/admission/collapsing.ts';
import { endingSeries, TTL } from '../ending-series.ts';
import fc from '../property.ts';
import { MemoryReader } from '../views/memory-reader.ts';
import { folderOf } from './members/sockets.ts';
import { living, merged, readableState, throughFiles } from './recorded.ts';

/** A process of the group, with a counter and a histogram, and another reader beside that of the group. */
function startProcess(exponential: boolean) {
  const [reader, other] = [new PullReader(), new MemoryReader()];
  if (exponential) reader.selectAggregation = () => ({ type: AggregationType.EXPONENTIAL_HISTOGRAM });
  const { sdk, bounds, unseen } = endingSeries([reader, other], { views: !exponential });
  const writer = createStateWriter({ seriesEnd: true });
  const collected: ResourceMetrics[] = [];
  const pending = createPendingReader(reader, {
    before: [],
    after: [(metrics) => keepStarts(reader, metrics)],
  });
  const meter = sdk.getMeter('app');
  const admission = (bind: ReturnType<typeof binder>) =>
    createHttpAdmission({
      instrument: 'it',
      attributes: ['k'],
      bounds,
      register: (attributes) => ({ key: JSON.stringify(attributes), bound: bind(attributes) }),
      end: { forget: ({ bound }, from) => BOUND_END.forget(bound, from) },
    });
  const instruments = {
    counter: admission(binder(meter.createCounter('counter'))),
    histogram: admission(binder(meter.createHistogram('histogram'))),
  };
  return {
    writer,
    other,
    /** @returns the series that counts it */
    record(instrument: keyof typeof instruments, k: number): string {
      const { key, bound } = instruments[instrument].admit([k]);
      bound.record(1);
      return `${instrument} ${key}`;
    },
    /** Collects, and takes it over later. */
    async collect(seen: boolean): Promise<void> {
      unseen.value = !seen;
      const { resourceMetrics } = await reader.collect();
      unseen.value = false;
      collected.push(resourceMetrics);
    },
    takeOver(): void {
      if (collected.length === 0) return;
      for (const each of collected.splice(0)) atOnce(writer.update(each, Date.now() / 1000));
      this.note(true);
    },
    async update(seen: boolean): Promise<void> {
      await this.collect(seen);
      this.takeOver();
    },
    /** Takes over at once what has been recorded. */
    note(all: boolean): void {
      writer.note(pending.read(all) ?? assert.fail(), Date.now() / 1000);
    },
  };
}

type Process = ReturnType<typeof startProcess>;

/** By instrument and series. */
function countsOf(state: State): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [instrument, series] of Object.entries(readableState(state))) {
    for (const [key, value] of Object.entries(series)) {
      const count = typeof value === 'number' ? value : Number(Reflect.get(Object(value), 'count'));
      counts.set(`${instrument} ${key}`, count);
    }
  }
  return counts;
}

/** What Prometheus has made of one series. */
interface Scraped {
  present: boolean;
  value: number;
  /** Of all that was recorded. */
  seen: number;
}

const STEPS = [
  'record',
  'record',
  'record',
  'tick',
  'late',
  'wait',
  'scrape',
  'scrape',
  'collect',
  'note',
  'renew',
] as const;
const RARE = ['start', 'retire', 'succeed'] as const;
const step = fc.record({
  what: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...STEPS) },
    { weight: 1, arbitrary: fc.constantFrom(...RARE) },
  ),
  which: fc.nat({ max: 2 }),
  instrument: fc.constantFrom('counter', 'histogram'),
  k: fc.nat({ max: 8 }),
  millis: fc.constantFrom(1, TTL / 2, TTL, 3 * TTL),
});

for (const exponential of [false, true]) {
  test(`a group serves every measurement once, and no total goes down, whatever ends, ${exponential ? 'in exponential histograms' : 'in all kinds'}`, async (t) => {
    mock.timers.enable({ apis: ['Date'], now: 1e12 });
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), async (steps) => {
          const log = createLog('none', () => {});
          let endings = createEndings(TTL, () => Date.now() / 1000);
          const retiring = createRetiring({
            fs,
            log,
            place: folderOf(t),
            aggregationOf: () => 'sum',
            // More than there are: what is beyond is counted in less detail.
            cardinalityLimit: 1000,
            endedBefore: () => endings?.before ?? Number.NEGATIVE_INFINITY,
          });
          const processes: Process[] = [startProcess(exponential), startProcess(exponential)];
          const recorded = new Map<string, number>();
          const scraped = new Map<string, Scraped>();
          const retire = async (state: State): Promise<void> => {
            const reader = { read: () => state, behind: false, close() {} } satisfies StateReader;
            const states = processes.map(({ writer }) => writer.state);
            await retiring.add([{ id: '1-0-0123abcd', reader }], { ids: [], states });
          };
          const scrape = async (): Promise<void> => {
            const end = endings?.begin();
            for (const each of processes) await each.update(true);
            const total = merged([
              { state: retiring.totals.state, living: false, process: {} },
              ...processes.map(({ writer }, pid) => living(throughFiles(writer), pid)),
            ]);
            const counts = countsOf(end?.(total) ?? total);
            for (const series of new Set([...counts.keys(), ...recorded.keys()])) {
              const value = counts.get(series);
              const all = recorded.get(series) ?? 0;
              const before = scraped.get(series) ?? { present: false, value: 0, seen: 0 };
              if (value === undefined) {
                assert.equal(before.seen, all, `${series} has ended, and everything was served`);
                scraped.set(series, { ...before, present: false });
                continue;
              }
              const goesOn = before.seen + value - before.value;
              if (before.present) {
                assert.ok(value >= before.value, `${series} went down from ${before.value} to ${value}`);
                assert.equal(goesOn, all, `${series} was served once`);
              } else
                assert.ok([goesOn, before.seen + value].includes(all), `${series} goes on or begins anew`);
              scraped.set(series, { present: true, value, seen: all });
            }
          };
          for (const { what, which, instrument, k, millis } of steps) {
            const process = processes[which];
            if (what === 'wait') mock.timers.tick(millis);
            else if (what === 'scrape') await scrape();
            else if (what === 'succeed') endings = createEndings(TTL, () => Date.now() / 1000);
            else if (what === 'start') {
              if (processes.length < 3) processes.push(startProcess(exponential));
            } else if (process !== undefined) {
              if (what === 'record') {
                const series = process.record(instrument === 'counter' ? 'counter' : 'histogram', k);
                recorded.set(series, (recorded.get(series) ?? 0) + 1);
              } else if (what === 'tick') await process.update(false);
              else if (what === 'late') await process.collect(k > 4);
              else if (what === 'note') process.note(k > 4);
              else if (what === 'collect') await process.other.collect();
              else if (what === 'renew') {
                process.takeOver();
                process.note(true);
                const left = throughFiles(process.writer);
                process.writer.rebase();
                await retire(left);
              } else if (processes.length > 1) {
                process.note(true);
                processes.splice(which, 1);
                await retire(throughFiles(process.writer));
              }
            }
          }
          for (const wait of [0, TTL, TTL, TTL]) {
            mock.timers.tick(wait);
            for (const each of processes) await each.other.collect();
            await scrape();
          }
          assert.deepEqual(
            [...scraped.values()].filter(({ present }) => present),
            [],
            'all have ended',
          );
          // A member that goes on under another id leaves nothing behind.
          for (const each of processes) each.writer.rebase();
          assert.deepEqual(
            processes.map(({ writer }) => writer.state.metrics.flatMap(({ series }) => series).length),
            processes.map(() => 0),
          );
        }),
        { numRuns: 60 },
      );
    } finally {
      mock.timers.reset();
    }
  });
}

for (const exponential of [false, true]) {
  test(`a collection that is taken over late counts once, ${exponential ? 'in exponential histograms' : 'in all kinds'}`, async () => {
    mock.timers.enable({ apis: ['Date'], now: 1e12 });
    try {
      const process = startProcess(exponential);
      const instruments = ['counter', 'histogram'] as const;
      const series = instruments.map((instrument) => {
        for (let i = 0; i < 4; i++) process.record(instrument, 1);
        return process.record(instrument, 1);
      });
      await process.update(true);
      await process.collect(true);
      mock.timers.tick(TTL);
      await process.collect(true);
      for (const instrument of instruments) process.record(instrument, 1);
      process.note(true);
      process.takeOver();
      assert.deepEqual(
        [...countsOf(process.writer.state)],
        series.map((each) => [each, 6]),
      );
    } finally {
      mock.timers.reset();
    }
  });
}
