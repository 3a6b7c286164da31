import { programPath } from '../../scripts/backends/pins.ts';
import { freePort, isBound } from '../ports.ts';
import { answers, type Running, startProcess } from './process.ts';

export interface StatsdExporterOptions {
  /** Text of its mapping configuration. */
  readonly mapping?: string;
  readonly args?: readonly string[];
}

export interface StatsdExporter extends Running {
  /** UDP and TCP. */
  readonly port: number;
  /** Path of its Unix datagram socket. */
  readonly socket: string;
  /** Of its metrics, as Prometheus names a target. */
  readonly target: string;
  /** Its metrics as text, some 200 ms after the lines that they come from. */
  metrics(): Promise<string>;
}

/** @see https://github.com/prometheus/statsd_exporter */
export async function startStatsdExporter({
  mapping = 'mappings: []\n',
  args = [],
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
      '--statsd.listen-unixgram={FOLDER}/statsd.sock',
      '--statsd.mapping-config=mapping.yml',
      ...args,
    ],
    files: { 'mapping.yml': mapping },
    sockets: ['statsd.sock'],
    ready: () => isBound(port) && answers(`http://${target}/-/ready`),
  });
  return {
    ...running,
    port,
    socket: `${running.folder}/statsd.sock`,
    target,
    metrics: async () => (await fetch(`http://${target}/metrics`)).text(),
  };
}
