import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folderOf, programPath } from '../../scripts/backends/pins.ts';
import { freePort } from '../ports.ts';
import { accepts, startProcess } from './process.ts';

/** Debian's packages are compiled for Debian's Python. */
const PYTHON = '/usr/bin/python3';

export interface Point {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly value: number;
}

export type Graphite = Awaited<ReturnType<typeof startGraphite>>;

/** Writes every point at once, so that the files are never far behind. */
const CARBON = (port: number, otherPort: number): string => `[cache]
STORAGE_DIR = {FOLDER}
CONF_DIR = {FOLDER}
LOCAL_DATA_DIR = {FOLDER}/whisper
LOG_DIR = {FOLDER}
PID_DIR = {FOLDER}
USER =
MAX_CACHE_SIZE = inf
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
MIN_TIMESTAMP_RESOLUTION = 1
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${port}
ENABLE_UDP_LISTENER = True
UDP_RECEIVER_INTERFACE = 127.0.0.1
UDP_RECEIVER_PORT = ${port}
PICKLE_RECEIVER_PORT = 0
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = ${otherPort}
CACHE_WRITE_STRATEGY = naive
WHISPER_AUTOFLUSH = True
CARBON_METRIC_INTERVAL = 0
ENABLE_TAGS = False
TAG_HASH_FILENAMES = False
`;

/** Prints the points of the files named on the command line, as JSON. */
const FETCH = `
import json, sys, whisper
def points(path):
    (start, end, step), values = whisper.fetch(path, 0)
    return [{"time": t, "value": v} for t, v in zip(range(start, end, step), values) if v is not None]
print(json.dumps([points(path) for path in sys.argv[1:]]))
`;

/** Carbon's cache, which writes whisper files. @see https://graphite.readthedocs.io/en/latest/carbon-daemons.html */
export async function startGraphite() {
  const port = await freePort();
  const env = {
    PYTHONPATH: join(folderOf('graphite'), 'usr/lib/python3/dist-packages'),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  };
  const running = await startProcess({
    name: 'graphite',
    program: PYTHON,
    args: [programPath('graphite', 'carbon-cache'), '--config=carbon.conf', '--nodaemon', '--debug', 'start'],
    env,
    files: {
      'carbon.conf': CARBON(port, await freePort()),
      'storage-schemas.conf': '[all]\npattern = .*\nretentions = 1s:3m\n',
      'storage-aggregation.conf': '[all]\npattern = .*\nxFilesFactor = 0\naggregationMethod = sum\n',
    },
    ready: () => accepts(port),
  });
  const whisper = join(running.folder, 'whisper');
  /** By name. Carbon keeps a tagged series apart, below two hashes, with its dots encoded. */
  const files = (): Map<string, string> =>
    new Map(
      globSync('**/*.wsp', { cwd: whisper }).map((file) => {
        const path = file.replace(/\.wsp$/, '');
        const name = path.startsWith('_tagged/')
          ? path.split('/').slice(3).join('/').replaceAll('_DOT_', '.')
          : path.replaceAll('/', '.');
        return [name, join(whisper, file)];
      }),
    );
  return {
    ...running,
    /** Of carbon's plaintext protocol: TCP, and UDP. */
    port,
    /** Names of all series on disk: `stats.timers.a.mean`; with tags `stats.timers.a.mean;route=-b`. */
    series: () => [...files().keys()].sort(),
    /** Points by name of those series that exist, without the empty ones, read by whisper itself from its files. */
    async points(...names: string[]): Promise<Record<string, Point[]>> {
      const known = files();
      const present = names.filter((name) => known.has(name));
      const paths = present.map((name) => known.get(name) ?? '');
      const { stdout } = await promisify(execFile)(PYTHON, ['-c', FETCH, ...paths], {
        env,
        maxBuffer: 2 ** 28,
      });
      const all = JSON.parse(stdout) as Point[][];
      return Object.fromEntries(present.map((name, i) => [name, all[i] ?? []]));
    },
  };
}
