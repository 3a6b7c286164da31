import { once } from 'node:events';
import { connect } from 'node:net';
import { runInNewContext } from 'node:vm';
import { programPath } from '../../scripts/backends/pins.ts';
import { freePort, isBound } from '../ports.ts';
import { accepts, startProcess } from './process.ts';

export type EtsyStatsd = Awaited<ReturnType<typeof startEtsyStatsd>>;

/** It was written for a Node.js that still had util.log. */
const PRELOAD = `data:text/javascript,import util from 'node:util'; util.log ??= console.log;`;

interface EtsyStatsdOptions {
  /** Where it sends to at each flush; nowhere by default. */
  readonly graphite?: { readonly port: number };
  /** Counters and timers start anew at each. */
  readonly flushIntervalMillis?: number;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** @see https://github.com/statsd/statsd */
export async function startEtsyStatsd({
  graphite,
  flushIntervalMillis = 200,
  config = {},
}: EtsyStatsdOptions = {}) {
  const [port, adminPort] = [await freePort(), await freePort()];
  const address = '127.0.0.1';
  const settings = {
    servers: [
      { server: './servers/udp', address, port },
      { server: './servers/tcp', address, port },
    ],
    mgmt_address: address,
    mgmt_port: adminPort,
    flushInterval: flushIntervalMillis,
    graphitePort: graphite?.port,
    graphiteHost: graphite && address,
    title: false,
    ...config,
  };
  const running = await startProcess({
    name: 'etsy-statsd',
    program: process.execPath,
    args: [`--import=${PRELOAD}`, '--no-deprecation', programPath('etsy-statsd', 'statsd'), 'config.js'],
    // An object without a name, to be evaluated.
    files: { 'config.js': JSON.stringify(settings, null, 2) },
    ready: async () => isBound(port) && (await accepts(port)) && accepts(adminPort),
  });

  return {
    ...running,
    /** As in `ROUTEMETER_STATSD_URL`. */
    statsdUrl: `udp://${address}:${port}`,
    /** Of the current interval, as its administration interface prints them. */
    async counters(): Promise<Record<string, number>> {
      const connection = connect(adminPort, address).setEncoding('utf8');
      let answer = '';
      connection.on('data', (text: string) => {
        answer += text;
        if (/\n\n$/.test(answer)) connection.end();
      });
      connection.write('counters\n');
      await once(connection, 'close');
      return runInNewContext(`(${answer.replace(/END\n\n$/, '')})`);
    },
  };
}
