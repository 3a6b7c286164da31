import { readFileSync } from 'node:fs';
import { programPath } from '../../scripts/backends/pins.ts';
import { freePort, isBound } from '../ports.ts';
import { answers, startProcess } from './process.ts';

/** What the package ships. */
const MAPPING = readFileSync(new URL('../../examples/compose/statsd-mapping.yml', import.meta.url), 'utf8');

export type StatsdExporter = Awaited<ReturnType<typeof startStatsdExporter>>;

/** @see https://github.com/prometheus/statsd_exporter */
export async function startStatsdExporter({ mapping = MAPPING } = {}) {
  const [port, httpPort] = [await freePort(), await freePort()];
  const target = `127.0.0.1:${httpPort}`;
  const running = await startProcess({
    name: 'statsd-exporter',
    program: programPath('statsd-exporter', 'statsd_exporter'),
    args: [
      `--web.listen-address=${target}`,
      `--statsd.listen-udp=127.0.0.1:${port}`,
      `--statsd.listen-tcp=127.0.0.1:${port}`,
      '--statsd.mapping-config=mapping.yml',
    ],
    files: { 'mapping.yml': mapping },
    ready: () => isBound(port) && answers(`http://${target}/-/ready`),
  });
  return {
    ...running,
    /** UDP and TCP. */
    port,
    /** As in `ROUTEMETER_STATSD_URL`. */
    statsdUrl: `udp://127.0.0.1:${port}`,
    /** Of its metrics, as Prometheus names a target. */
    target,
    /** As text, some 200 ms after the lines that they come from. */
    metrics: async () => (await fetch(`http://${target}/metrics`)).text(),
  };
}
