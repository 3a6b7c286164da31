import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatsdAddress } from '../../src/config/types.ts';
import { freePort } from '../ports.ts';

export interface StatsdReceiverOptions {
  /** `udp` unless given. */
  readonly transport?: StatsdAddress['transport'];
  /** `127.0.0.1` unless given. */
  readonly host?: string;
  /** By default a free one, which is unlikely to be taken while the receiver is stopped. */
  readonly port?: number;
  /** How packets on a stream are separated: lines by their ends, or packets by a length before each. */
  readonly framing?: 'newline' | 'length';
}

/** A StatsD server that keeps what it receives (https://github.com/statsd/statsd/blob/master/docs/server.md). */
export interface StatsdReceiver {
  /** The same each time that it is started. */
  readonly address: StatsdAddress;
  /** As in `ROUTEMETER_STATSD_URL`. */
  readonly url: string;
  /** Datagrams, packets with a length, or lines of a stream that has only lines; in the order they came. */
  readonly payloads: readonly string[];
  /** All lines of the payloads, without their ends. */
  readonly lines: readonly string[];
  /** What was left of connections that ended within a line or a packet. */
  readonly torn: readonly string[];
  /** How many connections have been made to it. */
  readonly connections: number;
  /** False: connections are accepted and not read. */
  reading: boolean;
  /** Resolves when it is true of what has come so far. */
  until(condition: (receiver: StatsdReceiver) => boolean): Promise<void>;
  /** Resolves when that many lines have come. */
  received(lines: number): Promise<void>;
  /** Called for each payload as soon as it is received. */
  onPayload: () => void;
  /** Sends text to all connections, and resolves when it has left. */
  say(text: string): Promise<void>;
  /** Ends all connections and keeps listening: in order, by closing them, or by a reset. */
  disconnect(how: 'end' | 'destroy' | 'resetAndDestroy'): void;
  /** Closes everything, as if it had been killed, and keeps what it has received. */
  stop(): Promise<void>;
  /** Listens again, at the same address; does nothing while it listens. */
  start(): Promise<void>;
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** @returns a receiver that listens */
export async function startStatsdReceiver(options: StatsdReceiverOptions = {}): Promise<StatsdReceiver> {
  const { transport = 'udp', host = '127.0.0.1', framing = 'newline' } = options;
  const folder = transport === 'unix' ? mkdtempSync(join(tmpdir(), 'statsd-')) : '';
  const path = join(folder, 'socket');
  if (folder !== '') folders.push(folder);
  const progress = new EventEmitter().setMaxListeners(0);
  const payloads: string[] = [];
  const torn: string[] = [];
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  let server: UdpSocket | Server | undefined;
  const port = options.port ?? (await freePort());
  let connections = 0;
  let reading = true;

  const take = (payload: Buffer): void => {
    const text = payload.toString();
    payloads.push(text);
    receiver.onPayload();
    lines.push(...text.split('\n').filter((line) => line !== ''));
  };
  const takeStream = (socket: Socket): void => {
    connections++;
    sockets.add(socket);
    if (!reading) socket.pause();
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let next = split(rest, framing); next !== undefined; next = split(rest, framing)) {
        take(next[0]);
        rest = next[1];
      }
      progress.emit('progress');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (rest.length > 0) torn.push(rest.toString());
      progress.emit('progress');
    });
    progress.emit('progress');
  };
  /** @returns what listens */
  const listen = (): UdpSocket | Server => {
    if (transport !== 'udp')
      return createServer(takeStream).listen(folder === '' ? { host, port } : { path });
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: 4 << 20 });
    socket.on('message', (payload) => {
      take(payload);
      progress.emit('progress');
    });
    return socket.bind(port, host);
  };

  const receiver: StatsdReceiver = {
    get address() {
      return transport === 'unix' ? { transport, path } : { transport, host, port };
    },
    get url() {
      if (transport === 'unix') return `unix://${path}`;
      return `${transport}://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    },
    payloads,
    lines,
    torn,
    get connections() {
      return connections;
    },
    get reading() {
      return reading;
    },
    set reading(value) {
      reading = value;
      for (const socket of sockets) value ? socket.resume() : socket.pause();
    },
    async until(condition) {
      while (!condition(receiver)) await once(progress, 'progress');
    },
    received: (number) => receiver.until(() => lines.length >= number),
    onPayload: () => {},
    async say(text) {
      await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.write(text, resolve))));
    },
    disconnect(how) {
      for (const socket of sockets) socket[how]();
    },
    async stop() {
      const stopped = server;
      server = undefined;
      if (stopped === undefined) return;
      const closed = once(stopped, 'close');
      stopped.close();
      receiver.disconnect('destroy');
      await closed;
    },
    async start() {
      if (server !== undefined) return;
      const listening = listen();
      await once(listening, 'listening');
      server = listening;
    },
  };
  await receiver.start();
  return receiver;
}

/** The first payload that is complete, and what follows it. */
function split(bytes: Buffer, framing: 'newline' | 'length'): [payload: Buffer, rest: Buffer] | undefined {
  if (framing === 'newline') {
    const end = bytes.indexOf('\n');
    return end < 0 ? undefined : [bytes.subarray(0, end), bytes.subarray(end + 1)];
  }
  const end = bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + bytes.readUInt32LE();
  return bytes.length < end ? undefined : [bytes.subarray(4, end), bytes.subarray(end)];
}
