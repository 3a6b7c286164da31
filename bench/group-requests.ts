/** CPU time a request: whether a member of a group pays anything that a process on its own does not. */
import { added, tableOf, to } from './added.ts';
import { freePort } from './group-cluster.ts';
import { CORES, startApp } from './processes.ts';
import type { Report } from './report.ts';
import type { Settings } from './settings.ts';
import { costsNothing } from './targets.ts';
import { measureServer, NOTHING, type Server, type Variant } from './turns.ts';
import { missing, ROUTEMETER, scrapedCount } from './variants.ts';

const ALONE = 'routemeter, on its own';
const MEMBER = 'routemeter, in a group';

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
      tables: [tableOf(server, all, to(ALONE))],
      targets: [costsNothing('added a request by being in a group', added(all, MEMBER, ALONE))],
    };
  } finally {
    await serving?.stop();
  }
}
