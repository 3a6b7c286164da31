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
  /** Path of its Unix stream socket. */
  readonly socket: string;
  /** What the administration interface answers to a command. */
  admin(command: string): Promise<string>;
  /** Of the current interval. */
  counters(): Promise<Record<string, number>>;
  /** Of the current interval. */
  timers(): Promise<Record<string, number[]>>;
  gauges(): Promise<Record<string, number>>;
}

/** It was written for a Node.js that still had util.log; and its administration interface shows 100 timings at most. */
const PRELOAD = `data:text/javascript,
  import util from 'node:util';
  util.log ??= console.log;
  util.inspect.defaultOptions.maxArrayLength = null;`;

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
      { server: './servers/tcp', socket: '{FOLDER}/statsd.sock' },
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
    sockets: ['statsd.sock'],
    ready: async () => isBound(port) && (await accepts(port)) && accepts(adminPort),
  });

  async function admin(command: string): Promise<string> {
    const connection = connect(adminPort, address).setEncoding('utf8');
    await once(connection, 'connect');
    let answer = '';
    connection.on('data', (text: string) => {
      answer += text;
      if (/\n\n$/.test(answer)) connection.end();
    });
    connection.write(`${command}\n`);
    await once(connection, 'close');
    return answer;
  }
  /** The interface prints objects as util.inspect does. */
  const inspected = async (command: string): Promise<unknown> =>
    structuredClone(runInNewContext(`(${(await admin(command)).replace(/END\n\n$/, '')})`));

  return {
    ...running,
    port,
    socket: `${running.folder}/statsd.sock`,
    admin,
    counters: async () => (await inspected('counters')) as Record<string, number>,
    timers: async () => (await inspected('timers')) as Record<string, number[]>,
    gauges: async () => (await inspected('gauges')) as Record<string, number>,
  };
}
