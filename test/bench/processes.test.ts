import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { startApp } from '../../bench/processes.ts';

describe('a process of a benchmark', () => {
  it('says how it ended, and what it has printed', async () => {
    const scriptArguments = ['nothing', 'no-such-framework'];
    await assert.rejects(startApp({ script: 'express.cjs', scriptArguments }), {
      message: /^it ended with code 1; it printed: .*Cannot find module 'no-such-framework'/s,
    });
  });

  it('sends an exact number of requests over HTTP/2, and tells how many to each path', async () => {
    for (const api of ['streams', 'compatibility']) {
      const [app, load] = await Promise.all([
        startApp({ script: 'http2.cjs', scriptArguments: [api] }),
        startApp({ script: 'load-http2.cjs' }),
      ]);
      try {
        const port = await app.ask<number>('port');
        assert.equal(await load.ask('connect', { port, paths: ['/users/1', '/health'], count: 16 }), 2);
        await load.ask('send', 40);
        assert.deepEqual(await load.ask('sent'), { '/users/1': 21, '/health': 21 });
        await assert.rejects(load.ask('connect', { port, paths: ['/none'], count: 1 }), {
          message: /\/none: status 404 and \d+ bytes/,
        });
      } finally {
        await load.stop();
        await app.stop();
      }
    }
  });

  it('puts headers on each request, with the time of its turn', async () => {
    const seen: (readonly [plan: unknown, start: number])[] = [];
    const server = createServer(({ headers }, response) => {
      seen.push([headers['x-plan'], Number(headers['x-request-start'])]);
      response.setHeader('content-length', 2).end('ok');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const load = await startApp({ script: 'load.cjs' });
    try {
      const { port } = server.address() as AddressInfo;
      const headers = { 'x-plan': 'pro', 'x-request-start': '{now}' };
      await load.ask('connect', { port, paths: ['/'], count: 1, headers });
      const turn = Date.now();
      await load.ask('send', 3);
      assert.deepEqual(
        seen.map(([plan]) => plan),
        ['pro', 'pro', 'pro', 'pro'],
      );
      const [first, ...later] = seen.map(([, start]) => start);
      assert.ok(first !== undefined && first <= turn && later.every((start) => start >= turn));
    } finally {
      await load.stop();
      server.closeAllConnections();
      server.close();
    }
  });

  it('tells how many requests it has sent to each path', async () => {
    const [app, load] = await Promise.all([
      startApp({ script: 'bare.cjs' }),
      startApp({ script: 'load.cjs' }),
    ]);
    try {
      const port = await app.ask<number>('port');
      const paths = ['/users/1', '/health', '/users/1', '/none 404'];
      assert.equal(await load.ask('connect', { port, paths, count: 1 }), 3);
      await load.ask('send', 40);
      // The first request of each path is the one that its answer's length is learned from.
      assert.deepEqual(await load.ask('sent'), { '/users/1': 21, '/health': 11, '/none 404': 11 });
    } finally {
      await load.stop();
      await app.stop();
    }
  });
});
