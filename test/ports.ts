import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

// Below the range that Linux takes for connections and for port 0, so that a port that was found stays free.
const FIRST = 15_000;
const LAST = 32_000;

const given = new Set<number>();

/** Whether TCP and UDP can both be bound. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer().listen(port, host);
  const socket = createSocket('udp4');
  try {
    await once(server, 'listening');
    socket.bind(port, host);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    socket.close();
  }
}

/**
 * A free port of localhost, for TCP and UDP: for programs that do not report the port that they got for 0, and for
 * ports that several processes bind one after the other.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port) || !(await isFree(port)) || !(await isFree(port, 'localhost'))) continue;
    given.add(port);
    return port;
  }
}

/** A loopback address where all these ports are free, for programs with fixed ports. */
export async function freeHost(ports: readonly number[]): Promise<string> {
  for (;;) {
    const byte = (): number => 1 + Math.floor(Math.random() * 254);
    const host = `127.${byte()}.${byte()}.${byte()}`;
    const free = await Promise.all(ports.map((port) => isFree(port, host)));
    if (free.every(Boolean)) return host;
  }
}

/** Whether a process has bound the UDP port, on an IPv4 address or on all addresses of IPv4 or IPv6. */
export function isBound(port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/udp', '/proc/net/udp6'].some((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix)),
  );
}
