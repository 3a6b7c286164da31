import websocket from '@fastify/websocket';
import Fastify from 'fastify';
import { announce, meetBy } from './rooms.mjs';

const app = Fastify();
await app.register(websocket);
await app.register(async (rooms) => {
  rooms.get('/rooms/:room', { websocket: true }, meetBy);
  const guarded = { websocket: true, preValidation: (_request, reply) => reply.code(401).send() };
  rooms.get('/guarded/:id', guarded, meetBy);
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server);
