/** CPU time a request: whether a member of a group pays anything that a process on its own does not. */
import { freePort } from './group-cluster.ts';
import { CORES, startApp } from './processes.ts';
import type { Report, Target } from './report.ts';
import { measureServer, NOTHING, type Series, type Server, tableOf, type Variant } from './requests.ts';
import type { Settings } from './settings.ts';
import { summarize } from './statistics.ts';
import { missing, ROUTEMETER, scrapedCount } from './variants.ts';

const ALONE = 'routemeter, on its own';
const MEMBER = 'routemeter, in a group';

function targetOf(all: readonly Series[]): Target {
  const alone = all.find(({ variant }) => variant.name === ALONE);
  const member = all.find(({ variant }) => variant.name === MEMBER);
  const measured = alone?.failure === undefined && member?.failure === undefined;
  const more = summarize(
    (member?.samples ?? []).map((cpu, turn) => cpu - (alone?.samples[turn] ?? Number.NaN)),
  );
  const digits = (value: number): string => value.toFixed(2);
  return {
    what: 'added a request by being in a group',
    limit: 'nothing: 0 µs within the quartiles, or below',
    measured: measured ? `${digits(more.median)} µs (${digits(more.low)} to ${digits(more.high)})` : '',
    reached: measured ? more.low <= 0 : undefined,
  };
}

/** As `requests` does, beside a process that serves the group all the time and gets no requests. */
export async function measureRequests(
  rounds: number,
  settings: Settings,
): Promise<Pick<Report, 'tables' | 'targets'>> {
  const env = { OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()) };
  const ours: Variant = { name: ALONE, ...ROUTEMETER, counted: scrapedCount, missing: missing() };
  // The counts of the members of earlier rounds stay.
  let before = 0;
  const member: Variant = {
    ...ours,
    name: MEMBER,
    env,
    async counted(app) {
      const all = await scrapedCount(app);
      const own = all - before;
      before = all;
      return own;
    },
  };
  const serving = missing()
    ? undefined
    : await startApp({ ...ROUTEMETER, env, script: 'bare.cjs', core: CORES?.others });
  try {
    const server: Server = {
      name: 'CPU time a request, node:http',
      script: 'bare.cjs',
      paths: ['/users/42', '/health'],
      variants: [{ name: NOTHING }, ours, member],
    };
    const all = await measureServer(server, rounds, settings);
    return {
      tables: [tableOf(server, all, ALONE)],
      targets: [targetOf(all)],
    };
  } finally {
    await serving?.stop();
  }
}
