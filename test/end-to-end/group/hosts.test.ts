import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AppProcess } from '../../app-process.ts';
import { counted, TestedGroup } from './tested-group.ts';

const bound = process.platform === 'win32' ? { skip: 'no Unix sockets' } : { timeout: 60_000 };

const line = async (app: AppProcess): Promise<string> => {
  const [text] = await app.line('stderr', /^routemeter: .*/);
  return text;
};

describe('an endpoint in other words is the same one', () => {
  const words: readonly (readonly [first: string, second: string, covered: boolean])[] = [
    ['localhost', '0.0.0.0', false],
    ['0.0.0.0', 'localhost', true],
    ['localhost', 'LOCALHOST', true],
    ['127.0.0.1', 'localhost.', true],
    ['localhost', '::ffff:127.0.0.1', true],
    ['::', '0.0.0.0', true],
    ['127.0.0.1', '::', false],
  ];
  for (const [first, second, covered] of words) {
    test(`${first}, then ${second}, and ${first} again`, bound, async () => {
      const group = await TestedGroup.create();
      const start = async (host: string) => {
        const app = group.launch('group-app.mjs', { env: { OTEL_EXPORTER_PROMETHEUS_HOST: host } });
        return { app, said: await line(app) };
      };
      const [old, next] = [await start(first), await start(second)];
      const { pid } = old.app.child;
      assert.match(next.said, new RegExp(`: measuring .*, served by process ${pid}`));
      const later = / at \S+ once that process has ended$/;
      if (covered) assert.doesNotMatch(next.said, later);
      else assert.match(next.said, later);
      for (const { app } of [old, next]) await group.send(app);
      assert.deepEqual(counted(await group.scrapeUntil(({ fresh }) => fresh === 2)), group.tally.expected);

      await old.app.end('SIGTERM');
      group.forget(old.app);
      const taken = await group.scrapeUntil(({ retired }) => retired === 1);
      assert.deepEqual(counted(taken), group.tally.expected);

      const back = await start(first);
      assert.match(back.said, /: measuring .*, served by process/);
      await group.send(back.app);
      await next.app.end('SIGKILL');
      group.forget(next.app);
      const last = await group.scrapeUntil(({ retired }) => retired === 2);
      assert.deepEqual(counted(last), group.tally.expected);
    });
  }

  test('another service is named in whatever words it has it', bound, async () => {
    const group = await TestedGroup.create();
    const owner = await group.start({ env: { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' } });
    const other = new TestedGroup(group.port);
    const app = other.launch('group-app.mjs', { env: { OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' } });
    assert.equal(
      await line(app),
      `routemeter: cannot listen on 0.0.0.0:${group.port}: it belongs to the service ${group.service}, ` +
        `process ${owner.child.pid}. The metrics of this process are not served, the app goes on. ` +
        'Set OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT to choose another address.',
    );
  });

  test('two addresses that do not cover one another are two', bound, async () => {
    const group = await TestedGroup.create();
    await group.start({ env: { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' } });
    const app = group.launch('group-app.mjs', { env: { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.2' } });
    assert.match(await line(app), new RegExp(`: measuring .*: http://127.0.0.2:${group.port}/metrics$`));
    assert.equal((await group.scrape()).members, 1);
  });
});
