import { serve, upgradeWebSocket } from '@hono/node-server';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { declare } from './hono-rooms.mjs';
import { meet } from './rooms.mjs';

const app = declare(new Hono(), upgradeWebSocket, meet);
const websocket = { server: new WebSocketServer({ noServer: true }) };
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', websocket }, ({ port }) =>
  console.log(`http://127.0.0.1:${port}/`),
);
