import http2 from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono().get('/users/:id', async (c) => {
  if (c.req.query('late') !== undefined) await turn();
  return c.text('ok');
});
const settings = { fetch: app.fetch, createServer: http2.createServer, hostname: '127.0.0.1', port: 0 };
serve(settings, ({ port }) => console.log(`http2://127.0.0.1:${port}/`));
