import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { ignore, route } from 'routemeter';
import * as ws from 'ws';
import { announce, meetBy } from './rooms.mjs';

const { CERT, KEY } = process.env;
/** Version 7 has no names for ES modules. */
const WebSocketServer = ws.WebSocketServer ?? ws.default.Server;
const answer = (_req, res) => res.writeHead(426, { upgrade: 'websocket' }).end();
const server =
  CERT === undefined
    ? http.createServer(answer)
    : https.createServer({ cert: readFileSync(CERT), key: readFileSync(KEY) }, answer);

const rooms = new WebSocketServer({ noServer: true });
rooms.on('connection', (socket) => {
  meetBy(socket);
  route('/rooms/:room');
});
const probes = new WebSocketServer({ noServer: true });
probes.on('connection', (socket) => {
  ignore();
  socket.terminate();
});
const members = new WebSocketServer({
  noServer: true,
  verifyClient({ req }, done) {
    route('/members/:member');
    const { authorization } = req.headers;
    setImmediate(() => done(authorization === 'yes', authorization === 'no' ? 403 : undefined));
  },
  handleProtocols: (protocols) => [...protocols].includes('chat') && 'chat',
});
members.on('connection', (socket) => meetBy(socket));

const byPath = { rooms, probes, members };
server.on('upgrade', (req, socket, head) => {
  const [, first] = req.url.split('/');
  if (first in byPath) {
    const found = byPath[first];
    found.handleUpgrade(req, socket, head, (client) => found.emit('connection', client, req));
  } else if (first === 'destroyed') {
    route('/destroyed');
    socket.destroy();
  } else if (first === 'raw') {
    route('/raw');
    socket.write('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
    socket.destroySoon();
  } else {
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  }
});
server.listen(0, '127.0.0.1', () => announce(server, CERT === undefined ? 'http' : 'https'));
