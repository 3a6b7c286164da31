import { once } from 'node:events';
import { connect } from 'node:net';
import { runInNewContext } from 'node:vm';
import { programPath } from '../../scripts/backends/pins.ts';
import { freePort, isBound } from '../ports.ts';
import { accepts, type Running, startProcess } from './process.ts';

export interface EtsyStatsdOptions {
  /** Where it sends to at each flush; nowhere by default. */
  readonly graphite?: { readonly port: number };
  /** Default 200 ms. Counters and timers start anew at each. */
  readonly flushIntervalMillis?: number;
  /** More of its configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}

export interface EtsyStatsd extends Running {
  /** UDP and TCP. */
  readonly port: number;
  /** As in `ROUTEMETER_STATSD_URL`. */
  readonly statsdUrl: string;
  /** Of the current interval, as its administration interface prints them. */
  counters(): Promise<Record<string, number>>;
}

/** It was written for a Node.js that still had util.log. */
const PRELOAD = `data:text/javascript,import util from 'node:util'; util.log ??= console.log;`;

/** @see https://github.com/statsd/statsd */
export async function startEtsyStatsd({
  graphite,
  flushIntervalMillis = 200,
  config = {},
}: EtsyStatsdOptions = {}): Promise<EtsyStatsd> {
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
    port,
    statsdUrl: `udp://${address}:${port}`,
    async counters() {
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
