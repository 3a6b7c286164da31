import http from 'node:http';
import { Server } from 'socket.io';
import { announce, meet } from './rooms.mjs';

const server = http.createServer((_req, res) => res.end('page'));
const io = new Server(server, {
  destroyUpgradeTimeout: 20,
  allowRequest: (req, done) => done(null, req.headers.authorization !== 'no'),
});
io.on('connection', (socket) => {
  const hear = meet(
    (text) => socket.emit('said', text),
    () => socket.conn.transport.socket.terminate(),
  );
  socket.on('say', hear);
});
server.listen(0, '127.0.0.1', () => announce(server));
