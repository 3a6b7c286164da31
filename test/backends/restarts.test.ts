/** StatsD servers that are killed and come back: what was made while they were away is counted then. */
import { describe, it } from 'node:test';
import type { BackendName } from '../../scripts/backends/pins.ts';
import { AppProcess, samples } from '../app-process.ts';
import { read } from '../docs/pages.ts';
import { until } from '../until.ts';
import { missing } from './needed.ts';
import { startCollector } from './otel-collector.ts';
import type { Running } from './process.ts';
import { requests } from './requests.ts';
import { startStatsdExporter } from './statsd-exporter.ts';

interface Server extends Running {
  readonly url: string;
  readonly metrics: () => Promise<string>;
}

const statsdExporter = (transport: string) => async (): Promise<Server> => {
  const exporter = await startStatsdExporter({ mapping: read('statsd-mapping.yml') });
  return { ...exporter, url: `${transport}://127.0.0.1:${exporter.port}` };
};
const collector = async (): Promise<Server> => {
  const started = await startCollector();
  return { ...started, url: `udp://${started.host}:${started.statsdPort}` };
};

const SERVERS: readonly (readonly [server: string, needs: BackendName, start: () => Promise<Server>])[] = [
  ['statsd_exporter over UDP', 'statsd-exporter', statsdExporter('udp')],
  ['statsd_exporter over TCP', 'statsd-exporter', statsdExporter('tcp')],
  ['the Collector over UDP', 'otel-collector', collector],
];

/** Requests counted since the server's start, which forgets what was before. */
async function has(server: Server, expected: number): Promise<void> {
  await until(`${expected} requests are counted`, async () => {
    const counts = samples(await server.metrics(), 'http_server_request_duration_seconds_count');
    const found = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (found !== expected) throw new Error(`${found}`);
    return true;
  });
}

describe('what is recorded while it is away gets, once it is back, to', { concurrency: 2 }, () => {
  for (const [name, needs, start] of SERVERS) {
    it(name, { skip: missing(needs) }, async () => {
      await using server = await start();
      const app = new AppProcess('routes.mjs', {
        env: {
          OTEL_METRICS_EXPORTER: 'statsd',
          ROUTEMETER_STATSD_URL: server.url,
          ROUTEMETER_STATSD_INTERVAL: '100',
        },
      });
      await requests(app, 100);
      await has(server, 100);
      await server.kill();
      await requests(app, 70);
      await app.line('stderr', /cannot export/);
      await requests(app, 30);
      await server.restart();
      await requests(app, 50);
      await has(server, 150);
      await app.line('stderr', /again$/);
      await app.end();
    });
  }
});
