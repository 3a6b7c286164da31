import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';

/** Express, and connect's manners, in front of handlers that rewrite what came in. */
const GATEWAY = `
  import express from 'express';
  import { count } from 'routemeter';
  const answer = (req, res) => {
    count('answers');
    res.end('ok');
  };
  const app = express();
  app.use('/mounted', answer);
  app.use((req, res) => {
    req.url = req.url.replace(/^\\/api/, '');
    req.originalUrl = { not: 'a text' };
    answer(req, res);
  });
  const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
`;

const TARGETS = [
  '/api/users/1',
  'http://host/api/users/5',
  '/mounted/2?x',
  '//api/users/7',
  'http://h/healthz',
];

describe('the URL that came in, whatever the app makes of it,', () => {
  it('is what ROUTEMETER_ROUTES and ROUTEMETER_IGNORE are asked with, also for what the request counts', async () => {
    const app = new AppProcess(GATEWAY, {
      env: {
        ROUTEMETER_ROUTES: '/api/users/:id,/users/:wrong,/mounted/:id',
        ROUTEMETER_IGNORE: '/healthz',
      },
    });
    const socket = connect(Number(new URL(await app.url()).port), '127.0.0.1');
    for (const target of TARGETS) socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket.end().resume(), 'close');
    const exposition = await app.scrape();
    assert.deepEqual(requestCounts(exposition), {
      'GET /api/users/:id 200': 2,
      'GET /mounted/:id 200': 1,
      'GET - 200': 1,
    });
    assert.deepEqual(samples(exposition, 'answers_total'), {
      'http_route="/api/users/:id"': 2,
      'http_route="/mounted/:id"': 1,
      '': 2,
    });
  });
});
