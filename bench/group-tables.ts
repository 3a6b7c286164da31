/** The scrapes of clusters as tables and targets: each figure beside prom-client's. */
import type { Run, Scrape, Series } from './group-scrape.ts';
import type { Table, Target } from './report.ts';
import { spread, summarize } from './statistics.ts';

interface Figure {
  readonly name: string;
  readonly values: (series: Series) => readonly number[];
  readonly digits: number;
  /** The worst of all values instead of their median. */
  readonly worst?: boolean;
}

const LIMIT_BLOCK_MILLIS = 25;

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
const BEYOND: Figure = {
  name: "longest block beyond the SDK's collect, ms",
  values: every((one) => one.blocked.beyond),
  digits: 1,
};
const ON_PROCESSOR: Figure = {
  name: 'the same, only what of it was on a processor, ms',
  values: every((one) => one.blocked.beyondOn),
  digits: 1,
};
const SETTLING: Figure = {
  name: 'the same in the second in which all series were new, ms',
  values: ({ runs }) => runs.map((run) => run.settling.beyond),
  digits: 1,
};
const SETTLING_ON: Figure = {
  name: 'the same, only what of it was on a processor, ms',
  values: ({ runs }) => runs.map((run) => run.settling.beyondOn),
  digits: 1,
};

const FIGURES: readonly Figure[] = [
  { name: 'scrape, ms until the first byte', values: later((one) => one.firstByteMillis), digits: 0 },
  TOTAL,
  {
    name: 'first scrape, ms until the last byte',
    values: ({ runs }) => runs.map((run) => run.first.totalMillis),
    digits: 0,
  },
  { name: 'MB', values: later((one) => one.bytes / 1e6), digits: 1 },
  { name: 'CPU of all processes, ms a scrape', values: later((one) => one.cpuMillis), digits: 0 },
  {
    name: 'longest block of the serving process, ms',
    values: every((one) => one.blocked.block),
    digits: 1,
  },
  BEYOND,
  { ...BEYOND, name: 'the worst of those, ms', worst: true },
  ON_PROCESSOR,
  { ...ON_PROCESSOR, name: 'the worst of those, ms', worst: true },
  SETTLING,
  SETTLING_ON,
  PEAK,
  GROWTH,
  { name: 'peak RSS of all processes, MB', values: megabytes((run) => run.peakOfAll), digits: 0 },
];

function medianOf(series: Series | undefined, { values, worst }: Figure): number | undefined {
  if (series === undefined || series.failure !== undefined) return undefined;
  const { median, max } = summarize(values(series));
  return worst ? max : median;
}

function cell(series: Series, figure: Figure): string {
  if (series.failure !== undefined) return '';
  const summary = summarize(figure.values(series));
  return figure.worst ? summary.max.toFixed(figure.digits) : spread(summary, figure.digits);
}

/** Scrapes with the records of all processes, and all scrapes. */
function exact(series: Series): { readonly right: number; readonly all: number } {
  const late = every((one) => Number(one.late))(series);
  return { right: late.filter((one) => one === 0).length, all: late.length };
}

/** @param all prom-client's, then routemeter's */
export function tableOf(all: readonly Series[]): Table {
  const [first] = all;
  const [theirs, ours] = all;
  const rows = FIGURES.map((figure) => {
    const base = medianOf(theirs, figure);
    const own = medianOf(ours, figure);
    const ratio = base === undefined || own === undefined ? '' : `${(own / base).toFixed(2)} ×`;
    return [figure.name, ...all.map((series) => cell(series, figure)), ratio];
  });
  const exactly = all.map((series) => {
    if (series.failure !== undefined) return '';
    const { right, all } = exact(series);
    return right === all ? 'all' : `**${right} of ${all}**`;
  });
  rows.push(['scrapes with all records of all', ...exactly, '']);
  const failures = all.map(({ failure }) => (failure === undefined ? '' : `not measured: ${failure}`));
  if (failures.some((text) => text !== '')) rows.unshift(['', ...failures, '']);
  const collects = ours?.runs.flatMap((run) =>
    [run.first, ...run.later].flatMap((one) => one.blocked.longestCollect ?? []),
  );
  if (collects?.length) rows.push(["the SDK's collect, ms", '', spread(summarize(collects), 1), '']);
  return {
    title: `${first?.size.workers} workers of ${first?.size.series.toLocaleString('en')} series`,
    headers: ['', ...all.map(({ library }) => library), 'ratio'],
    rows,
  };
}

/** @param all prom-client's, then routemeter's */
export function targetsOf([theirs, ours]: readonly Series[]): readonly Target[] {
  const part = (figure: Figure, share: number, what: string, unit: string): Target => {
    const base = medianOf(theirs, figure);
    const own = medianOf(ours, figure);
    return {
      what,
      limit: base === undefined ? '' : `${(base * share).toFixed(0)} ${unit} (${share} of prom-client's)`,
      measured: own === undefined ? '' : `${own.toFixed(0)} ${unit}`,
      reached: own === undefined || base === undefined ? undefined : own <= base * share,
    };
  };
  const worst = (figure: Figure): number | undefined => medianOf(ours, { ...figure, worst: true });
  const block = (figure: Figure, what: string, onProcessor?: Figure): Target => {
    const most = worst(figure);
    const on = onProcessor && worst(onProcessor);
    const part = on === undefined ? '' : `, on a processor worst ${on.toFixed(1)} ms`;
    return {
      what,
      limit: `${LIMIT_BLOCK_MILLIS} ms`,
      measured:
        most === undefined
          ? ''
          : `median ${medianOf(ours, figure)?.toFixed(1)} ms, worst ${most.toFixed(1)} ms${part}`,
      reached: most === undefined ? undefined : most <= LIMIT_BLOCK_MILLIS,
    };
  };
  const { right = 0, all = 0 } = ours && ours.failure === undefined ? exact(ours) : {};
  return [
    part(TOTAL, 0.1, 'scrape of 4 workers of 10,000 series', 'ms'),
    part(PEAK, 0.25, 'memory: peak RSS of the serving process', 'MB'),
    part(GROWTH, 0.25, 'memory: what scrapes add to it', 'MB'),
    {
      what: 'scrapes with all records of all processes',
      limit: 'all',
      measured: `${right} of ${all}`,
      reached: all === 0 ? undefined : right === all,
    },
    block(BEYOND, 'longest block beyond the collect, during a scrape and the rest of a second', ON_PROCESSOR),
    block(SETTLING, 'the same in the second in which all series were new', SETTLING_ON),
  ];
}
