import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startApp } from '../../bench/processes.ts';

describe('a process of a benchmark', () => {
  it('says how it ended, and what it has printed', async () => {
    const scriptArguments = ['nothing', 'no-such-framework'];
    await assert.rejects(startApp({ script: 'express.cjs', scriptArguments }), {
      message: /^it ended with code 1; it printed: .*Cannot find module 'no-such-framework'/s,
    });
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
