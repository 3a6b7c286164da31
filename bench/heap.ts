/** Whether the heap grows by what is recorded and scraped: only series may cost memory, not records. */
import { fetchMetrics } from './fetch-metrics.ts';
import { type App, startApp } from './processes.ts';
import type { Report, Table, Target } from './report.ts';
import { parseCounts, total } from './route-counts.ts';
import type { Settings } from './settings.ts';
import { CLIENTS, metricsPort, missing, OURS, ROUTEMETER } from './variants.ts';

const SERIES = 2_000;
/** Of each series, before each scrape. */
const RECORDS = 5;
const LIMIT_PERCENT = 1;

interface Heap {
  readonly name: string;
  /** Bytes after half of the scrapes, when everything has been done that is done once, and after all. */
  readonly before: number;
  readonly after: number;
  readonly failure?: undefined;
}

interface Failed {
  readonly name: string;
  readonly failure: string;
}

async function measure(app: App, name: string, scrapes: number): Promise<Heap> {
  const port = name === OURS ? await metricsPort(app) : await app.ask<number>('port');
  let before = 0;
  for (let scrape = 1; scrape <= scrapes; scrape++) {
    await app.ask('record', RECORDS);
    const { body } = await fetchMetrics(port);
    const counted = total(parseCounts(body.toString(), 'job_duration_seconds_count', 'method'));
    const recorded = scrape * RECORDS * SERIES;
    if (counted !== recorded) throw new Error(`${counted} of ${recorded} records are counted`);
    if (scrape === Math.ceil(scrapes / 2)) before = await app.ask<number>('heap');
  }
  return { name, before, after: await app.ask<number>('heap') };
}

async function attempt(name: string, scrapes: number, settings: Settings): Promise<Heap | Failed> {
  const ours = name === OURS;
  const absent = ours ? missing() : undefined;
  if (absent !== undefined) return { name, failure: absent };
  try {
    const app = await startApp({
      script: 'heap.cjs',
      scriptArguments: [name, String(SERIES)],
      nodeArguments: ['--expose-gc', ...(ours ? ROUTEMETER.nodeArguments : [])],
      ...(ours && { env: { ...ROUTEMETER.env, ROUTEMETER_CARDINALITY_LIMIT: String(2 * SERIES) } }),
    });
    try {
      return await measure(app, name, scrapes);
    } finally {
      await app.stop();
    }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    settings.problem(`heap, ${name}: ${failure}`);
    return { name, failure };
  }
}

const percent = ({ before, after }: Heap): string => {
  const growth = 100 * (after / before - 1);
  return `${growth < 0 ? '' : '+'}${growth.toFixed(2)} %`;
};

function tableOf(all: readonly (Heap | Failed)[], scrapes: number): Table {
  const records = (scrapes * RECORDS * SERIES).toLocaleString('en');
  return {
    title: `${records} records over ${SERIES.toLocaleString('en')} series, and ${scrapes} scrapes`,
    headers: ['variant', 'heap after half of them, MB', 'after all, MB', 'more', 'records counted'],
    rows: all.map((heap) =>
      heap.failure === undefined
        ? [heap.name, (heap.before / 1e6).toFixed(2), (heap.after / 1e6).toFixed(2), percent(heap), 'all']
        : [heap.name, `not measured: ${heap.failure}`, '', '', ''],
    ),
  };
}

function targetOf(all: readonly (Heap | Failed)[], scrapes: number): Target {
  const ours = all.find(({ name }) => name === OURS);
  const measured = ours?.failure === undefined ? ours : undefined;
  return {
    what: `heap after ${(scrapes * RECORDS * SERIES).toLocaleString('en')} records and ${scrapes} scrapes`,
    limit: `+${LIMIT_PERCENT} %`,
    measured: measured ? percent(measured) : '',
    reached: measured && measured.after <= measured.before * (1 + LIMIT_PERCENT / 100),
  };
}

export async function measureHeap(settings: Settings): Promise<Pick<Report, 'tables' | 'targets'>> {
  const scrapes = settings.quick ? 10 : 100;
  const all: (Heap | Failed)[] = [];
  for (const name of [...CLIENTS, OURS]) all.push(await attempt(name, scrapes, settings));
  return { tables: [tableOf(all, scrapes)], targets: [targetOf(all, scrapes)] };
}
