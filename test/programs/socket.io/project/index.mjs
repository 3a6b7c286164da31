import { createServer } from 'node:http';
import express from 'express';
import { Server } from 'socket.io';

const app = express();
const server = createServer(app);
const io = new Server(server);

app.get('/', (_req, res) => {
  res.sendFile('index.html', { root: import.meta.dirname });
});

io.on('connection', (socket) => {
  console.log('a user connected');
  socket.on('chat message', (message) => {
    io.emit('chat message', message);
  });
  socket.on('disconnect', () => {
    console.log('user disconnected');
  });
});

server.listen(process.env.PORT, '127.0.0.1', () => {
  console.log('server running');
});
