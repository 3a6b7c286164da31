/** Start-up time and memory: to the end of an empty script, and to an HTTP server that listens; and what comes after. */
import { firstLine } from './processes.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { tableOf, targetsOf } from './startup-tables.ts';
import { AUTO_INSTRUMENTATIONS, CLIENTS, HTTP_LOADED, missing, REGISTER, ROUTEMETER } from './variants.ts';

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

export interface Sample {
  readonly wallMillis: number;
  readonly rssMegabytes: number;
  /** All threads, since the process began. */
  readonly cpuMillis: number;
}

export type Script = 'empty.cjs' | 'listen.cjs';

export interface Series {
  readonly variant: Variant;
  readonly samples: Readonly<Record<Script, Sample[]>>;
  /** The longest block of each server after it has listened, where only the time on a processor counts. */
  readonly blocks: number[];
  failure: string | undefined;
}

export const SCRIPTS: readonly Script[] = ['empty.cjs', 'listen.cjs'];

function variants(): readonly Variant[] {
  return [
    { name: 'nothing' },
    { name: HTTP_LOADED, nodeArguments: ['-r', 'node:http'] },
    ...CLIENTS.map((name) => ({ name, nodeArguments: ['-r', name] })),
    { name: 'auto-instrumentations-node/register', ...AUTO_INSTRUMENTATIONS },
    { name: REGISTER, ...ROUTEMETER, missing: missing() },
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

async function longestBlock(variant: Variant): Promise<number> {
  const { line } = await firstLine<{ blockMillis: number }>({ ...variant, script: 'settle.cjs' });
  return line.blockMillis;
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
      blocks: [],
      failure: variant.missing,
    }),
  );
  // The first round fills the file system's cache and is not kept.
  for (let round = 0; round <= rounds; round++) {
    const inTurns = async (step: (series: Series) => Promise<void>): Promise<void> => {
      for (const series of round % 2 === 0 ? all : all.toReversed()) {
        if (series.failure !== undefined) continue;
        try {
          await step(series);
        } catch (error) {
          series.failure = error instanceof Error ? error.message : String(error);
          settings.problem(`start-up, ${series.variant.name}: ${series.failure}`);
        }
      }
    };
    for (const script of SCRIPTS) {
      await inTurns(async ({ variant, samples }) => {
        const sample = await measure(script, variant);
        if (round > 0) samples[script].push(sample);
      });
    }
    await inTurns(async ({ variant, blocks }) => {
      const block = await longestBlock(variant);
      if (round > 0) blocks.push(block);
    });
    settings.progress(`start-up, round ${round} of ${rounds}`);
  }
  return all;
}

export async function startup(settings: Settings): Promise<Report> {
  const rounds = settings.rounds ?? (settings.quick ? 2 : 20);
  const all = await measureStarts(variants(), rounds, settings);
  return {
    name: 'startup',
    tables: [tableOf(all)],
    targets: targetsOf(all),
    notes: [
      `${rounds} rounds; medians, and first to third quartile in brackets; processes not pinned. A block is one of the event loop within two seconds after the server has listened, without what the thread waited for a processor.`,
    ],
  };
}
