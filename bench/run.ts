/** `node bench/run.ts [benchmark]... [--against ref] [--rounds N] [--quick] [--write]`; bench/README.md describes each. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMPARISONS } from './against.ts';
import { type Base, buildBase } from './base.ts';
import { budget } from './budget.ts';
import { frameworks } from './frameworks.ts';
import { group } from './group.ts';
import { inRequest } from './in-request.ts';
import { BENCH, linkPackage } from './processes.ts';
import { markdown, type Report, replaceBlock } from './report.ts';
import { requests } from './requests.ts';
import { scrape } from './scrape.ts';
import type { Settings } from './settings.ts';
import { startup } from './startup.ts';
import { statsd } from './statsd.ts';
import { missing } from './variants.ts';

const BENCHMARKS: Readonly<Record<string, (settings: Settings) => Promise<Report>>> = {
  requests,
  budget,
  frameworks,
  startup,
  scrape,
  statsd,
  group,
  'in-request': inRequest,
};

const COMPARED = [
  'express',
  'prom-client',
  '@prometheus-io/client',
  'express-prom-bundle',
  'hot-shots',
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/instrumentation-express',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/auto-instrumentations-node',
];

const progress = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Installs the packages that routemeter is compared with, if they are missing or differ from the lock file. */
function install(): void {
  const installed = join(BENCH, 'node_modules/.package-lock.json');
  const lock = join(BENCH, 'package-lock.json');
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    progress('installing what routemeter is compared with into bench/node_modules (once, about 155 MB)');
    const { status } = spawnSync('npm', ['ci'], { cwd: BENCH, stdio: ['ignore', 2, 2] });
    if (status !== 0) throw new Error('npm ci failed in bench/');
  }
  linkPackage(BENCH);
}

function version(name: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(join(BENCH, 'node_modules', name, 'package.json'), 'utf8'),
  );
  const { version } = manifest as { version: string };
  return `${name.replace('@opentelemetry/', '')} ${version}`;
}

function machine(): string {
  const [cpu] = cpus();
  return [
    `Node.js ${process.versions.node}, ${process.platform} ${process.arch}, ${cpus().length} cores of ${cpu?.model.trim()}`,
    `one-minute load before the run ${loadavg()[0]?.toFixed(1)}`,
  ].join('; ');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const { against } = values;
const known = Object.keys(against === undefined ? BENCHMARKS : COMPARISONS);
const names = positionals.length > 0 ? positionals : known;
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
const wrong = rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0);
if (wrong || !names.every((name) => known.includes(name)) || (against !== undefined && values.write)) {
  progress(`usage: node bench/run.ts [${Object.keys(BENCHMARKS).join('|')}]... [--rounds N] [--quick] [--write]
       node bench/run.ts [${Object.keys(COMPARISONS).join('|')}]... --against ref [--rounds N] [--quick]`);
  process.exit(2);
}

const problem = (line: string): void => {
  progress(line);
  // All that a quick run is for.
  if (values.quick) process.exitCode = 1;
};
const settings: Settings = { rounds, quick: values.quick, progress, problem };

/** Exits with one line if there is no such base. */
function baseOf(ref: string): Base {
  try {
    return buildBase(ref, progress);
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

async function compare(name: string, base: Base): Promise<Report | undefined> {
  try {
    return await COMPARISONS[name]?.(base, settings);
  } catch (error) {
    progress(`${name} is not compared: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
    return undefined;
  }
}

const base = against === undefined ? undefined : baseOf(against);
install();
const absent = missing();
if (absent !== undefined) problem(absent);
for (const name of names) {
  const measuredOn = machine();
  const report = base ? await compare(name, base) : await BENCHMARKS[name]?.(settings);
  if (!report) continue;
  const versions = (report.compared ?? COMPARED).map(version).join(', ');
  const text = markdown({ ...report, notes: [...report.notes, `${measuredOn}; ${versions}.`] });
  process.stdout.write(`\n## ${report.name}\n\n${text}\n`);
  if (values.write) {
    const readme = join(BENCH, 'README.md');
    writeFileSync(readme, replaceBlock(readFileSync(readme, 'utf8'), report.name, text));
  }
}
