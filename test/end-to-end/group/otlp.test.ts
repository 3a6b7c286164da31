/** OTLP from several processes: each pushes for itself, and a backend tells them apart and adds them up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppProcess } from '../../app-process.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../../receivers/otlp.ts';
import { LOAD_ENV, PER_ROUND, send, Tally, uniqueService } from './load.ts';
import { listenersOf } from './tested-group.ts';

/** What a backend that keeps the last value of each series comes to, by instance. */
function requestsByInstance({ requests }: OtlpReceiver): Record<string, number> {
  return Object.fromEntries(
    requests.map(({ resource, points }) => [
      String(resource['service.instance.id']),
      points
        .filter(({ metric }) => metric === 'http.server.request.duration')
        .reduce((sum, { value }) => sum + value, 0),
    ]),
  );
}

test('each has its own service.instance.id, and their counts add up', { timeout: 60_000 }, async (t) => {
  const members = 4;
  const receiver = await startOtlpReceiver();
  t.after(() => receiver.close());
  const app = new AppProcess('group-starter.mjs', {
    args: ['cluster-threads', '2'],
    env: {
      ...LOAD_ENV,
      OTEL_SERVICE_NAME: uniqueService(),
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${receiver.port}`,
      OTEL_METRIC_EXPORT_INTERVAL: '100',
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
    },
  });
  const listeners = await listenersOf(app, members);
  const tally = new Tally();
  for (const { url } of listeners) await send(url, tally, { rounds: 2 });
  const expected = members * 2 * PER_ROUND;
  const total = (): number => Object.values(requestsByInstance(receiver)).reduce((a, b) => a + b, 0);
  const instances = (): number => Object.keys(requestsByInstance(receiver)).length;
  for (let next = 1; total() < expected || instances() < members; next++) await receiver.received(next);
  await receiver.received(receiver.requests.length + members);
  assert.deepEqual([total(), instances()], [expected, members]);
  for (const id of Object.keys(requestsByInstance(receiver))) {
    assert.match(id, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  }
});
