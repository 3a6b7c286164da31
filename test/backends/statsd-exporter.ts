import { readFileSync } from 'node:fs';
import { programPath } from '../../scripts/backends/pins.ts';
import { freePort, isBound } from '../ports.ts';
import { answers, type Running, startProcess } from './process.ts';

/** What the package ships. */
const MAPPING = readFileSync(new URL('../../statsd-mapping.yml', import.meta.url), 'utf8');

export interface StatsdExporterOptions {
  /** Text of its mapping configuration; by default statsd-mapping.yml. */
  readonly mapping?: string;
}

export interface StatsdExporter extends Running {
  /** UDP and TCP. */
  readonly port: number;
  /** As in `ROUTEMETER_STATSD_URL`. */
  readonly statsdUrl: string;
  /** Of its metrics, as Prometheus names a target. */
  readonly target: string;
  /** Its metrics as text, some 200 ms after the lines that they come from. */
  metrics(): Promise<string>;
}

/** @see https://github.com/prometheus/statsd_exporter */
export async function startStatsdExporter({
  mapping = MAPPING,
}: StatsdExporterOptions = {}): Promise<StatsdExporter> {
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
    port,
    statsdUrl: `udp://127.0.0.1:${port}`,
    target,
    metrics: async () => (await fetch(`http://${target}/metrics`)).text(),
  };
}
