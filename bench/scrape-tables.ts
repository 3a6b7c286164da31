/** The scrapes of one process as a table and as targets. */
import type { Table, Target } from './report.ts';
import type { Sample, Series } from './scrape.ts';
import { least, type Summary, spread, summarize } from './statistics.ts';
import { atMost, blockNeverOver, MILLIS } from './targets.ts';
import { CLIENTS, EXPORTER, OURS } from './variants.ts';

function laterOf(
  all: readonly Series[],
  name: string,
  value: (sample: Sample) => number,
): Summary | undefined {
  const series = all.find(({ variant }) => variant.name === name);
  if (!series || series.failure !== undefined) return undefined;
  return summarize(series.later.map(value));
}

const total = (sample: Sample): number => sample.totalMillis;

export function tableOf(size: number, all: readonly Series[]): Table {
  const base = laterOf(all, EXPORTER, total);
  const headers = [
    'variant',
    'scrape ms',
    'lower tenth',
    `of ${EXPORTER}`,
    'CPU ms',
    'lower tenth',
    'first scrape ms',
    'longest block ms',
    'the worst',
    'on a processor ms',
    'the worst',
    'MB',
  ];
  const cells = ({ first, later, failure }: Series): string[] => {
    if (failure !== undefined) return [`not measured: ${failure}`];
    const every = [...first, ...later];
    const totals = summarize(later.map(total));
    const block = summarize(every.map((sample) => sample.blockMillis));
    const on = summarize(every.map((sample) => sample.blockOnMillis));
    const cpu = summarize(later.map((sample) => sample.cpuMillis));
    return [
      spread(totals, 0),
      totals.tenth.toFixed(0),
      base ? `${(totals.median / base.median).toFixed(2)} ×` : '',
      spread(cpu, 0),
      cpu.tenth.toFixed(0),
      spread(summarize(first.map(total)), 0),
      spread(block, 0),
      block.max.toFixed(0),
      spread(on, 0),
      on.max.toFixed(0),
      (summarize(later.map((sample) => sample.bytes)).median / 1e6).toFixed(1),
    ];
  };
  return {
    title: `${size.toLocaleString('en')} series`,
    headers,
    rows: all.map((series) => {
      const row = [series.variant.name, ...cells(series)];
      return headers.map((_, column) => row[column] ?? '');
    }),
  };
}

/** @param all with 10,000 series */
export function targetsOf(all: readonly Series[]): readonly Target[] {
  const what = 'scrape of 10,000 series';
  const own = laterOf(all, OURS, total);
  const clients = least(CLIENTS.map((client) => laterOf(all, client, total)));
  const ours = all.find(({ variant, failure }) => variant.name === OURS && failure === undefined);
  const every = ours && [...ours.first, ...ours.later];
  return [
    atMost(what, own, 1 / 15, laterOf(all, EXPORTER, total), EXPORTER, MILLIS),
    atMost(what, own, 1 / 4, clients, 'the faster client', MILLIS),
    blockNeverOver(
      'longest block at 10,000 series',
      every && summarize(every.map((sample) => sample.blockMillis)),
      every && summarize(every.map((sample) => sample.blockOnMillis)),
    ),
  ];
}
