import type { Socket } from 'node:net';
import type { Guard } from '../../guest/guard.ts';

/** Bytes after which a line without an end is given up. */
const LONGEST_LINE = 200;

/** The first line that the owner of the port sends, in version 1 of the protocol. */
export function greeting(secret: string): string {
  return `routemeter 1 ${secret}`;
}

/** Hands over each line of ASCII that arrives. Destroys the socket at a line that is not accepted or has no end. */
export function readLines(socket: Socket, guard: Guard, accept: (line: string) => boolean): void {
  let rest = '';
  const read = guard('group', (chunk: string): boolean => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    return lines.every(accept) && rest.length <= LONGEST_LINE;
  });
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    if (read(chunk) !== true) socket.destroy();
  });
}
