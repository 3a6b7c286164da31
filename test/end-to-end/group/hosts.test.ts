import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bound, TestedGroup } from './tested-group.ts';

test('an endpoint under another name of the host is the same one', bound, async () => {
  const group = await TestedGroup.create();
  const start = async (host: string) => {
    const app = group.launch('group-app.mjs', { env: { OTEL_EXPORTER_PROMETHEUS_HOST: host } });
    const [line] = await app.line('stderr', /^routemeter: .*/);
    return { app, line };
  };
  const { app: old } = await start('localhost');
  const next = await start('0.0.0.0');
  const served = `http://localhost:${group.port}/metrics, served by process ${old.child.pid}`;
  assert.ok(next.line.endsWith(`${served}; at 0.0.0.0:${group.port} once that process has ended`), next.line);
  for (const app of [old, next.app]) await group.send(app);
  await group.exact({ fresh: 2 });

  await old.end('SIGTERM');
  group.forget(old);
  await group.exact({ retired: 1 });

  const back = await start('localhost');
  assert.match(back.line, new RegExp(`: measuring .*, served by process ${next.app.child.pid}$`));
  await group.send(back.app);
  await next.app.end('SIGKILL');
  group.forget(next.app);
  await group.exact({ retired: 2 });
});
