/** Start-up time and memory: to the end of an empty script, and to an HTTP server that listens. */
import { firstLine } from './processes.ts';
import type { Report, Target } from './report.ts';
import type { Settings } from './settings.ts';
import { spread, summarize } from './statistics.ts';
import { AUTO_INSTRUMENTATIONS, missing, ROUTEMETER } from './variants.ts';

interface Variant {
  readonly name: string;
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly missing?: string | undefined;
}

interface Line {
  /** process.hrtime, which all processes of a machine share. */
  readonly at: string;
  readonly rss: number;
  readonly cpu: NodeJS.CpuUsage;
}

interface Sample {
  readonly wallMillis: number;
  readonly rssMegabytes: number;
  /** All threads, since the process began. */
  readonly cpuMillis: number;
}

export type Script = 'empty.cjs' | 'listen.cjs';

const HTTP = 'node:http loaded';
const OURS = 'routemeter/register';
const LIMIT_MILLIS = 60;

function variants(): readonly Variant[] {
  return [
    { name: 'nothing' },
    { name: HTTP, nodeArguments: ['-r', 'node:http'] },
    { name: 'prom-client', nodeArguments: ['-r', 'prom-client'] },
    { name: 'auto-instrumentations-node/register', ...AUTO_INSTRUMENTATIONS },
    { name: OURS, ...ROUTEMETER, missing: missing() },
  ];
}

async function measure(script: Script, variant: Variant): Promise<Sample> {
  const { line, startedAt } = await firstLine<Line>({ ...variant, script });
  return {
    wallMillis: Number(BigInt(line.at) - startedAt) / 1e6,
    rssMegabytes: line.rss / 1e6,
    cpuMillis: (line.cpu.user + line.cpu.system) / 1e3,
  };
}

interface Series {
  readonly variant: Variant;
  readonly samples: Readonly<Record<Script, Sample[]>>;
  failure: string | undefined;
}

export const SCRIPTS: readonly Script[] = ['empty.cjs', 'listen.cjs'];

function medianWall(all: readonly Series[], name: string, script: Script): number | undefined {
  const series = all.find((one) => one.variant.name === name);
  if (!series || series.failure !== undefined) return undefined;
  return summarize(series.samples[script].map((sample) => sample.wallMillis)).median;
}

function target(all: readonly Series[], what: string, script: Script): Target {
  const ours = medianWall(all, OURS, script);
  const http = medianWall(all, HTTP, script);
  const difference = ours === undefined || http === undefined ? undefined : ours - http;
  return {
    what,
    limit: `${LIMIT_MILLIS} ms over ${HTTP}`,
    measured: difference === undefined ? '' : `${difference.toFixed(0)} ms`,
    reached: difference === undefined ? undefined : difference <= LIMIT_MILLIS,
  };
}

export async function measureStarts(
  variants: readonly Variant[],
  rounds: number,
  settings: Settings,
): Promise<readonly Series[]> {
  const all = variants.map(
    (variant): Series => ({
      variant,
      samples: { 'empty.cjs': [], 'listen.cjs': [] },
      failure: variant.missing,
    }),
  );
  // The first round fills the file system's cache and is not kept.
  for (let round = 0; round <= rounds; round++) {
    for (const script of SCRIPTS) {
      for (const series of round % 2 === 0 ? all : all.toReversed()) {
        if (series.failure !== undefined) continue;
        try {
          const sample = await measure(script, series.variant);
          if (round > 0) series.samples[script].push(sample);
        } catch (error) {
          series.failure = error instanceof Error ? error.message : String(error);
          settings.problem(`start-up, ${series.variant.name}: ${series.failure}`);
        }
      }
    }
    settings.progress(`start-up, round ${round} of ${rounds}`);
  }
  return all;
}

export async function startup(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 4 : 15);
  const all = await measureStarts(variants(), rounds, settings);
  const cell = (series: Series, script: Script, value: keyof Sample): string =>
    spread(summarize(series.samples[script].map((sample) => sample[value])), 0);
  return {
    name: 'startup',
    tables: [
      {
        title: 'Start-up',
        headers: [
          'preloaded',
          'empty script, wall ms',
          'empty script, RSS MB',
          'server listens, wall ms',
          'server 300 ms later, RSS MB',
          'server 300 ms later, CPU ms',
        ],
        rows: all.map((series) =>
          series.failure === undefined
            ? [
                series.variant.name,
                cell(series, 'empty.cjs', 'wallMillis'),
                cell(series, 'empty.cjs', 'rssMegabytes'),
                cell(series, 'listen.cjs', 'wallMillis'),
                cell(series, 'listen.cjs', 'rssMegabytes'),
                cell(series, 'listen.cjs', 'cpuMillis'),
              ]
            : [series.variant.name, `not measured: ${series.failure}`, '', '', '', ''],
        ),
      },
    ],
    targets: [
      target(all, 'start-up of an empty script', 'empty.cjs'),
      target(all, 'until a server listens', 'listen.cjs'),
    ],
    notes: [`${rounds} rounds; medians, and first to third quartile in brackets; processes not pinned.`],
  };
}
