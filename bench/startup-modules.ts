/** The start of an app of many modules, beside what watches over their resolution. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstLine } from './processes.ts';
import type { Table, Target } from './report.ts';
import type { Settings } from './settings.ts';
import { type Summary, signedSpread, spread, summarize } from './statistics.ts';
import { costsNothing } from './targets.ts';
import { NOTHING } from './turns.ts';
import { missing, NO_SOURCES, OURS, WITH_SOURCES, WITHOUT_SOURCES } from './variants.ts';

const PACKAGES = 30;
const FILES = 10;
/** Of each kind. */
export const MODULES = PACKAGES * FILES;

interface Variant {
  readonly name: string;
  readonly nodeArguments?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly missing?: string | undefined;
}

/** What apps/many-modules.cjs prints. */
interface Line {
  /** process.hrtime, which all processes of a machine share. */
  readonly loadedAt: string;
  readonly listeningAt: string;
  readonly modules: number;
  /** All threads, from the beginning of the process until all modules were loaded. */
  readonly cpu: NodeJS.CpuUsage;
}

export interface Sample {
  readonly loadedMillis: number;
  readonly cpuMillis: number;
  readonly listeningMillis: number;
}

export interface Starts {
  readonly variant: Variant;
  readonly samples: Sample[];
  failure: string | undefined;
}

const VARIANTS = (): readonly Variant[] => [
  { name: NOTHING },
  { name: 'a hook that only passes on', nodeArguments: ['-r', './apps/resolve-hook.cjs'] },
  { name: NO_SOURCES, ...WITHOUT_SOURCES, missing: missing() },
  // Not as its users start it: like the row above, so that they differ in nothing but the sources.
  { name: OURS, ...WITH_SOURCES, missing: missing() },
];

/**
 * Writes an app of CommonJS and ES modules: packages, each with a file that loads its others. `cjs.cjs` and `esm.mjs`
 * in the folder load all of a kind.
 */
export function writeModules(folder: string): void {
  const names = (kind: string): string[] => Array.from({ length: PACKAGES }, (_, n) => `${kind}-${n}`);
  const parts = Array.from({ length: FILES - 1 }, (_, n) => `./part-${n}.js`);
  const load = {
    cjs: (name: string) => `require('${name}');\n`,
    esm: (name: string) => `import '${name}';\n`,
  };
  const counted = 'globalThis.loadedModules = (globalThis.loadedModules ?? 0) + 1;\n';
  for (const [kind, type, entry] of [
    ['cjs', 'commonjs', 'cjs.cjs'],
    ['esm', 'module', 'esm.mjs'],
  ] as const) {
    const loadAll = (all: readonly string[]): string => all.map(load[kind]).join('');
    for (const name of names(kind)) {
      const home = join(folder, 'node_modules', name);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'package.json'), JSON.stringify({ name, type, exports: './index.js' }));
      writeFileSync(join(home, 'index.js'), loadAll(parts) + counted);
      for (const part of parts) writeFileSync(join(home, part), counted);
    }
    writeFileSync(join(folder, entry), loadAll(names(kind)));
  }
}

async function start(variant: Variant, folder: string): Promise<Sample> {
  const script = 'many-modules.cjs';
  const { line, startedAt } = await firstLine<Line>({ ...variant, script, scriptArguments: [folder] });
  if (line.modules !== 2 * MODULES) throw new Error(`it loaded ${line.modules} of ${2 * MODULES} modules`);
  return {
    loadedMillis: Number(BigInt(line.loadedAt) - startedAt) / 1e6,
    cpuMillis: (line.cpu.user + line.cpu.system) / 1e3,
    listeningMillis: Number(BigInt(line.listeningAt) - startedAt) / 1e6,
  };
}

export async function measureModules(rounds: number, settings: Settings): Promise<readonly Starts[]> {
  const all = VARIANTS().map((variant): Starts => ({ variant, samples: [], failure: variant.missing }));
  const folder = mkdtempSync(join(tmpdir(), 'routemeter-bench-'));
  try {
    writeModules(folder);
    // The first round fills the file system's cache and is not kept.
    for (let round = 0; round <= rounds; round++) {
      for (const starts of round % 2 === 0 ? all : all.toReversed()) {
        if (starts.failure !== undefined) continue;
        try {
          const sample = await start(starts.variant, folder);
          if (round > 0) starts.samples.push(sample);
        } catch (error) {
          starts.failure = error instanceof Error ? error.message : String(error);
          settings.problem(`start-up, ${starts.variant.name}: ${starts.failure}`);
        }
      }
    }
    settings.progress(`start-up of ${2 * MODULES} modules, ${rounds} rounds`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return all;
}

/** Differences to another variant in the same round. */
function more(all: readonly Starts[], name: string, to: string, value: keyof Sample): Summary | undefined {
  const [series, base] = [name, to].map((wanted) => all.find(({ variant }) => variant.name === wanted));
  if (!series || !base || series.failure !== undefined || base.failure !== undefined) return undefined;
  return summarize(
    series.samples.map((sample, round) => sample[value] - (base.samples[round]?.[value] ?? Number.NaN)),
  );
}

export function modulesTable(all: readonly Starts[]): Table {
  const values = ['loadedMillis', 'cpuMillis', 'listeningMillis'] as const;
  return {
    title: `Start-up of ${MODULES} CommonJS and ${MODULES} ES modules`,
    headers: [
      'preloaded',
      'all are loaded, wall ms',
      'added',
      'CPU ms until then',
      'added',
      'server listens, wall ms',
      'added',
    ],
    rows: all.map(({ variant: { name }, samples, failure }) => {
      if (failure !== undefined) return [name, `not measured: ${failure}`, '', '', '', '', ''];
      return [
        name,
        ...values.flatMap((value) => {
          const difference = name === NOTHING ? undefined : more(all, name, NOTHING, value);
          return [
            spread(summarize(samples.map((sample) => sample[value])), 0),
            difference ? signedSpread(difference, 1) : '',
          ];
        }),
      ];
    }),
  };
}

export function modulesTarget(all: readonly Starts[]): Target {
  return costsNothing(
    `added by the sources of routes to loading ${2 * MODULES} modules, none of a framework, CPU`,
    more(all, OURS, NO_SOURCES, 'cpuMillis'),
    'ms',
  );
}
