/** The scrapes of clusters as tables and targets: each figure beside those of the Prometheus clients. */
import type { Library } from './group-cluster.ts';
import type { Run, Scrape, Series } from './group-scrape.ts';
import type { Table, Target } from './report.ts';
import { type Summary, spread, summarize } from './statistics.ts';
import { atMost, blockNeverOver, MEGABYTES, MILLIS, type Unit } from './targets.ts';
import { CLIENTS, OURS } from './variants.ts';

type Client = (typeof CLIENTS)[number];

interface Figure {
  readonly name: string;
  readonly values: (series: Series) => readonly number[];
  readonly digits: number;
  /** What is shown of all values instead of their median. */
  readonly shown?: 'max' | 'tenth';
}

const later =
  (of: (scrape: Scrape) => number) =>
  ({ runs }: Series): number[] =>
    runs.flatMap((run) => run.later.map(of));
const every =
  (of: (scrape: Scrape) => number) =>
  ({ runs }: Series): number[] =>
    runs.flatMap((run) => [run.first, ...run.later].map(of));
const megabytes =
  (of: (run: Run) => number) =>
  ({ runs }: Series): number[] =>
    runs.map((run) => of(run) / 1e6);

const TOTAL: Figure = {
  name: 'scrape, ms until the last byte',
  values: later((one) => one.totalMillis),
  digits: 0,
};
const PEAK: Figure = {
  name: 'peak RSS of the serving process, MB',
  values: megabytes((run) => run.peak),
  digits: 0,
};
const GROWTH: Figure = {
  name: 'added by scrapes, MB',
  values: megabytes((run) => run.growth),
  digits: 0,
};
const BLOCK: Figure = {
  name: 'longest block of the serving process, ms',
  values: every((one) => one.blocked.block),
  digits: 1,
};
const ON_PROCESSOR: Figure = {
  name: 'the same, only what of it was on a processor, ms',
  values: every((one) => one.blocked.on),
  digits: 1,
};
const SETTLING: Figure = {
  name: 'the same in the second in which all series were new, ms',
  values: ({ runs }) => runs.map((run) => run.settling.block),
  digits: 1,
};
const SETTLING_ON: Figure = {
  name: 'the same, only what of it was on a processor, ms',
  values: ({ runs }) => runs.map((run) => run.settling.on),
  digits: 1,
};

const FIGURES: readonly Figure[] = [
  { name: 'scrape, ms until the first byte', values: later((one) => one.firstByteMillis), digits: 0 },
  TOTAL,
  { ...TOTAL, name: 'lower tenth of those, ms', shown: 'tenth' },
  {
    name: 'first scrape, ms until the last byte',
    values: ({ runs }) => runs.map((run) => run.first.totalMillis),
    digits: 0,
  },
  { name: 'MB', values: later((one) => one.bytes / 1e6), digits: 1 },
  { name: 'CPU of all processes, ms a scrape', values: later((one) => one.cpuMillis), digits: 0 },
  BLOCK,
  { ...BLOCK, name: 'the worst of those, ms', shown: 'max' },
  ON_PROCESSOR,
  { ...ON_PROCESSOR, name: 'the worst of those, ms', shown: 'max' },
  SETTLING,
  SETTLING_ON,
  PEAK,
  GROWTH,
  { name: 'peak RSS of all processes, MB', values: megabytes((run) => run.peakOfAll), digits: 0 },
];

function summaryOf(series: Series | undefined, { values }: Figure): Summary | undefined {
  return series === undefined || series.failure !== undefined ? undefined : summarize(values(series));
}

function shownValue(series: Series | undefined, figure: Figure): number | undefined {
  return summaryOf(series, figure)?.[figure.shown ?? 'median'];
}

function cell(series: Series, figure: Figure): string {
  const summary = summaryOf(series, figure);
  if (summary === undefined) return '';
  return figure.shown ? summary[figure.shown].toFixed(figure.digits) : spread(summary, figure.digits);
}

const byLibrary = (all: readonly Series[], library: Library): Series | undefined =>
  all.find((series) => series.library === library);

/** Scrapes with the records of all processes, and all scrapes. */
function exact(series: Series): { readonly right: number; readonly all: number } {
  const late = every((one) => Number(one.late))(series);
  return { right: late.filter((one) => one === 0).length, all: late.length };
}

/** A column for each library, and one for each ratio of routemeter to another. */
export function tableOf(all: readonly Series[]): Table {
  const [first] = all;
  const ours = byLibrary(all, OURS);
  const ratios = (figure: Figure): string[] =>
    CLIENTS.map((client) => {
      const base = shownValue(byLibrary(all, client), figure);
      const own = shownValue(ours, figure);
      return base === undefined || own === undefined ? '' : `${(own / base).toFixed(2)} ×`;
    });
  const unrelated = CLIENTS.map(() => '');
  const rows = FIGURES.map((figure) => [
    figure.name,
    ...all.map((series) => cell(series, figure)),
    ...ratios(figure),
  ]);
  const exactly = all.map((series) => {
    if (series.failure !== undefined) return '';
    const { right, all } = exact(series);
    return right === all ? 'all' : `**${right} of ${all}**`;
  });
  rows.push(['scrapes with all records of all', ...exactly, ...unrelated]);
  const failures = all.map(({ failure }) => (failure === undefined ? '' : `not measured: ${failure}`));
  if (failures.some((text) => text !== '')) rows.unshift(['', ...failures, ...unrelated]);
  return {
    title: `${first?.size.workers} workers of ${first?.size.series.toLocaleString('en')} series`,
    headers: ['', ...all.map(({ library }) => library), ...CLIENTS.map((client) => `of ${client}`)],
    rows,
  };
}

export function targetsOf(all: readonly Series[]): readonly Target[] {
  const ours = byLibrary(all, OURS);
  const [{ size } = { size: undefined }] = all;
  const scrape = `scrape of ${size?.workers} workers of ${size?.series.toLocaleString('en')} series`;
  const part = (client: Client, figure: Figure, share: number, what: string, unit: Unit): Target =>
    atMost(what, summaryOf(ours, figure), share, summaryOf(byLibrary(all, client), figure), client, unit);
  const block = (what: string, figure: Figure, onProcessor: Figure): Target =>
    blockNeverOver(what, summaryOf(ours, figure), summaryOf(ours, onProcessor));
  const { right = 0, all: scrapes = 0 } = ours && ours.failure === undefined ? exact(ours) : {};
  return [
    part('prom-client', TOTAL, 1 / 20, scrape, MILLIS),
    part('@prometheus-io/client', TOTAL, 1 / 5, scrape, MILLIS),
    part('prom-client', PEAK, 1 / 6, 'memory: peak RSS of the serving process', MEGABYTES),
    part('prom-client', GROWTH, 1 / 6, 'memory: what scrapes add to it', MEGABYTES),
    {
      what: 'scrapes with all records of all processes',
      limit: 'all',
      measured: `${right} of ${scrapes}`,
      reached: scrapes === 0 ? undefined : right === scrapes,
    },
    block('longest block, during a scrape and the rest of a second', BLOCK, ON_PROCESSOR),
    block('the same in the second in which all series were new', SETTLING, SETTLING_ON),
  ];
}
