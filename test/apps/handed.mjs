// The child of a process, or with CLUSTER=true the worker of a cluster, has an HTTP server that does not listen: it is
// handed connections. The parent asks for two paths, each on a connection of its own, and then prints a line.
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { count } from 'routemeter';

if (process.argv[2] === 'child' || cluster.isWorker) {
  const web = http.createServer((_req, res) => {
    count('seen');
    res.end('answered');
  });
  process.on('message', (_message, socket) => socket && web.emit('connection', socket));
  process.send('up');
} else {
  const child =
    process.env.CLUSTER === 'true' ? cluster.fork() : fork(new URL(import.meta.url).pathname, ['child']);
  await once(child, 'message');
  const server = net.createServer({ pauseOnConnect: true }, (socket) => child.send('socket', socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  for (const path of ['/items/1', '/items/2']) {
    const socket = net.connect(server.address().port, '127.0.0.1').resume();
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await once(socket, 'end');
  }
  console.log('asked');
}
