/** The real backends of the tests: what they are made from, and where their programs lie once `npm run backends` ran. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Ignored by git. */
export const FOLDER = join(ROOT, '.cache/backends');

export interface GoSource {
  readonly from: 'go';
  readonly module: string;
  /** Packages to build, below the module; each becomes a program named after its last part. */
  readonly packages: readonly string[];
  readonly tags: readonly string[];
}

export interface LocalGoSource {
  readonly from: 'local go';
  /** A Go module of this repository, with a go.sum. */
  readonly folder: string;
}

export interface NpmSource {
  readonly from: 'npm';
  readonly package: string;
}

export interface PypiSource {
  readonly from: 'pypi';
  /** One without dependencies. */
  readonly package: string;
}

export interface DebianSource {
  readonly from: 'debian';
  readonly package: string;
  /** Dependencies that are unpacked beside it, by the beginning of their names, except for `without`. */
  readonly dependencies: string;
  readonly without: readonly string[];
}

export interface Backend {
  /** For Debian's packages the beginning of the version, without Debian's own revision. */
  readonly version: string;
  readonly source: GoSource | LocalGoSource | NpmSource | PypiSource | DebianSource;
  /** Programs by name, as paths within the backend's folder. */
  readonly programs: Readonly<Record<string, string>>;
}

const go = (module: string, packages: readonly string[], tags: readonly string[]): GoSource => ({
  from: 'go',
  module,
  packages,
  tags,
});
const debian = (name: string, dependencies: string, without: readonly string[]): DebianSource => ({
  from: 'debian',
  package: name,
  dependencies,
  without,
});

const PROMETHEUS = go(
  'github.com/prometheus/prometheus',
  ['cmd/prometheus', 'cmd/promtool'],
  // Service discovery is most of what there is to compile.
  ['remove_all_sd'],
);
const TELEGRAF = go(
  'github.com/influxdata/telegraf',
  ['cmd/telegraf'],
  ['custom', 'inputs.statsd', 'outputs.influxdb', 'outputs.file', 'serializers.influx'],
);
const STATSD_EXPORTER = go('github.com/prometheus/statsd_exporter', ['.'], []);
const OTELCOL: LocalGoSource = { from: 'local go', folder: 'test/backends/otelcol' };
const EXPFMT: LocalGoSource = { from: 'local go', folder: 'test/backends/expfmt' };
const CLIENT_PYTHON: PypiSource = { from: 'pypi', package: 'prometheus-client' };
const STATSD: NpmSource = { from: 'npm', package: 'statsd' };
const CARBON = debian('graphite-carbon', 'python3-', ['python3-minimal']);
const INFLUXDB = debian('influxdb', 'influxdb', []);

const row = (
  version: string,
  source: Backend['source'],
  programs: Readonly<Record<string, string>>,
): Backend => ({ version, source, programs });

/** One row a backend, the quick ones first. docker-compose.yml has the same versions where it has the program. */
export const BACKENDS = {
  'client-python': row('0.26.0', CLIENT_PYTHON, { openmetrics: 'prometheus_client/openmetrics/parser.py' }),
  'etsy-statsd': row('0.9.0', STATSD, { statsd: 'node_modules/statsd/stats.js' }),
  graphite: row('1.1.7', CARBON, { 'carbon-cache': 'usr/bin/carbon-cache' }),
  influxdb: row('1.6.7', INFLUXDB, { influxd: 'usr/bin/influxd' }),
  expfmt: row('v0.71.0', EXPFMT, { expfmt: 'expfmt' }),
  'statsd-exporter': row('v0.30.0', STATSD_EXPORTER, { statsd_exporter: 'statsd_exporter' }),
  'otel-collector': row('v0.155.0', OTELCOL, { otelcol: 'otelcol' }),
  telegraf: row('v1.37.2', TELEGRAF, { telegraf: 'telegraf' }),
  prometheus: row('v0.315.0', PROMETHEUS, { prometheus: 'prometheus', promtool: 'promtool' }),
} as const satisfies Record<string, Backend>;

export type BackendName = keyof typeof BACKENDS;
export const NAMES = Object.keys(BACKENDS) as BackendName[];

export const folderOf = (name: BackendName): string => join(FOLDER, name);

/** Written into a backend's folder when it is complete, with its pins here and the text of a local module. */
export const MARKER = 'made-from.json';
export function marker(name: BackendName): string {
  const { version, source, programs }: Backend = BACKENDS[name];
  const text = createHash('sha256');
  if (source.from === 'local go') {
    const folder = join(ROOT, source.folder);
    for (const file of globSync('*', { cwd: folder }).sort()) text.update(readFileSync(join(folder, file)));
  }
  return `${JSON.stringify({ version, source, programs, text: text.digest('hex') }, null, 2)}\n`;
}

/** Whether the backend is there, in the version that is pinned. */
export function isReady(name: BackendName): boolean {
  try {
    return readFileSync(join(folderOf(name), MARKER), 'utf8') === marker(name);
  } catch {
    return false;
  }
}

/** Absolute path of a backend's program. @throws when the backend is not there */
export function programPath(name: BackendName, program: string): string {
  if (!isReady(name)) throw new Error(`${name} is not there in the pinned version: run npm run backends`);
  const { programs }: Backend = BACKENDS[name];
  const path = programs[program];
  if (path === undefined) throw new Error(`${name} has no program ${program}`);
  return join(folderOf(name), path);
}

export const localFolder = (source: LocalGoSource): string => join(ROOT, source.folder);
