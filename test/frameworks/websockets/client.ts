import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { clientOf } from '../../instruments/http/measured.ts';

const UPGRADE = {
  host: 'x',
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/;

/**
 * Asks for a WebSocket, on a connection of its own, with a socket at hand: it can be reset, and nothing is asked again.
 * Resolves with the status, undefined if the connection is closed without an answer.
 *
 * @param headers in place of those of a WebSocket
 */
export async function ask(
  base: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number | undefined; client: Client }> {
  const { hostname: host, port, protocol } = new URL(base);
  const socket = net.connect(Number(port), host);
  const isSecure = protocol === 'https:';
  const stream = isSecure ? tls.connect({ socket, rejectUnauthorized: false }) : socket;
  const client = Object.assign(clientOf<net.Socket>(stream), { reset: () => socket.resetAndDestroy() });
  await once(stream, isSecure ? 'secureConnect' : 'connect');
  const lines = Object.entries({ ...UPGRADE, ...headers }).map(([name, value]) => `${name}: ${value}`);
  client.socket.write([`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  await client.receives('\r\n\r\n');
  const [, status] = STATUS_LINE.exec(client.received) ?? [];
  return { status: status === undefined ? undefined : Number(status), client };
}

export type Client = ReturnType<typeof clientOf<net.Socket>> & { readonly reset: () => unknown };

const TEXT = 0x81;
const MASKED = 0x80;
/** A mask of zeros leaves the text as it is. */
const MASK = Buffer.alloc(4);

/** A frame of at most 125 bytes: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([TEXT, MASKED + Buffer.byteLength(text)]), MASK, Buffer.from(text)]);
}
