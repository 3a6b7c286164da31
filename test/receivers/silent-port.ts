import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/**
 * A port of 127.0.0.1 on which, on Linux, attempts to connect get no answer: its queue of connections is full, and
 * its process is stopped.
 */
export async function startSilentPort(): Promise<{ readonly port: number; close(): void }> {
  const server = spawn(process.execPath, [
    '-e',
    `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`,
  ]);
  const port = Number(String((await once(server.stdout, 'data'))[0]));
  server.kill('SIGSTOP');
  const queued: Socket[] = [];
  // Connections are taken until the queue is full; the first that is not has filled it.
  for (let full = false; !full; ) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    queued.push(socket);
    full = await Promise.race([
      once(socket, 'connect').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(resolve, 300, true)),
    ]);
  }
  return {
    port,
    close() {
      for (const socket of queued) socket.destroy();
      server.kill('SIGKILL');
    },
  };
}
