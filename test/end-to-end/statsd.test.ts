/** The exporter `statsd` as a user meets it: the preload, a program, and a server that takes the lines. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { type StatsdReceiver, startStatsdReceiver } from '../receivers/statsd.ts';

const settings = (receiver: StatsdReceiver, env: Record<string, string> = {}) => ({
  env: {
    OTEL_METRICS_EXPORTER: 'statsd',
    OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http',
    ROUTEMETER_STATSD_URL: receiver.url,
    ROUTEMETER_STATSD_INTERVAL: '20',
    ...env,
  },
});

/** How many requests the lines that match stand for. */
const requests = ({ lines }: StatsdReceiver, pattern: RegExp): number => {
  let count = 0;
  for (const line of lines) {
    if (!pattern.test(line)) continue;
    for (const [, values = '', rate] of line.matchAll(/((?::[\d.]+)+)\|(?:d|h|ms)(?:\|@([\d.]+))?/g)) {
      count += (values.split(':').length - 1) * (rate === undefined ? 1 : Math.trunc(1 / Number(rate)));
    }
  }
  return count;
};

describe('reports how often each route was requested, though the server starts late', () => {
  // What every transport and every dialect does is in test/contracts.
  const ways = [
    [
      'udp',
      'newline',
      'etsy',
      /^http\.server\.request\.duration\.GET\.users-_id\.200\.team\.x(:[\d.]+\|ms)+$/,
      /^http\.server\.request\.duration\.GET\.fails\.500\.team\.x:/,
    ],
    [
      'unix',
      'length',
      'dogstatsd',
      /^http_server_request_duration_seconds:[\d.]+\|d(\|@[\d.]+)?\|#http_request_method:GET,http_response_status_code:200,http_route:\/users\/:id,team:x,url_scheme:http$/,
      /^http_server_request_duration_seconds:[\d.]+\|d\|#error_type:500,.*,http_route:\/fails,/,
    ],
  ] as const;
  for (const [transport, framing, dialect, users, fails] of ways) {
    it(`in the ${dialect} dialect over ${transport}`, async () => {
      const receiver = await startStatsdReceiver({ transport, framing });
      await receiver.stop();
      const env = { ROUTEMETER_STATSD_DIALECT: dialect, ROUTEMETER_LABELS: 'team=x' };
      const app = new AppProcess('express.mjs', settings(receiver, env));
      for (const path of ['/users/1', '/fails']) await app.get(path);
      await app.line('stderr', /^routemeter: cannot export metrics to \S+: .*(ECONNREFUSED|ENOENT)/);
      await receiver.start();
      await app.line('stderr', /^routemeter: metrics are exported to \S+ again$/);
      for (const path of ['/users/2', '/users/3']) await app.get(path);
      await receiver.until(() => requests(receiver, users) === 3 && requests(receiver, fails) === 1);
      await app.end('SIGTERM');
      assert.deepEqual([requests(receiver, users), requests(receiver, fails)], [3, 1]);
      assert.equal(app.stderr.filter((line) => /cannot export/.test(line)).length, 1);
      await receiver.stop();
    });
  }
});

it('a program that ends by a signal has sent everything', async () => {
  const receiver = await startStatsdReceiver({ transport: 'tcp' });
  const app = new AppProcess('http.mjs', settings(receiver, { ROUTEMETER_STATSD_INTERVAL: '60000' }));
  await app.get('/');
  await app.end('SIGTERM');
  await receiver.until(() => requests(receiver, /^http_server_request/) === 1);
  await receiver.stop();
});

it("works beside Prometheus, which has StatsD's counters and only the configured boundaries", async () => {
  const receiver = await startStatsdReceiver();
  const app = new AppProcess(
    'http.mjs',
    settings(receiver, { OTEL_METRICS_EXPORTER: 'prometheus,statsd', ROUTEMETER_BUCKETS: '0.00001,0.5,100' }),
  );
  await app.get('/');
  let exposition = '';
  const own = (name: string): number =>
    Object.values(samples(exposition, `routemeter_statsd_${name}_total`))[0] ?? -1;
  // A packet that has come may still be waited for to be refused.
  while (own('packets') < 5) exposition = await app.scrape();
  await app.end('SIGTERM');
  const came = receiver.payloads.slice(0, own('packets'));
  assert.equal(own('bytes'), Buffer.byteLength(came.join('')));
  assert.deepEqual([own('packets_dropped'), own('retries')], [0, 0]);
  const buckets = samples(exposition, 'http_server_request_duration_seconds_bucket');
  assert.deepEqual(
    Object.entries(buckets).map(([labels, count]) => [labels.match(/le="([^"]+)"/)?.[1], count]),
    [
      ['1e-05', 0],
      ['0.5', 1],
      ['100', 1],
      ['+Inf', 1],
    ],
  );
  await receiver.stop();
});

it('one message has all that is wrong with its configuration', async () => {
  const app = new AppProcess('http.mjs', {
    env: {
      OTEL_METRICS_EXPORTER: 'statsd',
      ROUTEMETER_STATSD_URL: 'http://127.0.0.1:8125',
      ROUTEMETER_STATSD_DIALECT: 'statsite',
      ROUTEMETER_STATSD_PREFIX: 'my shop',
      ROUTEMETER_STATSD_PACKET_SIZE: '64',
    },
  });
  await app.get('/');
  await app.end();
  assert.deepEqual(
    app.stderr.map((line) => line.trim().replace(/; accepted.*/, '')),
    [
      'routemeter: the configuration is invalid, so the app runs without metrics:',
      'ROUTEMETER_STATSD_URL="http://127.0.0.1:8125": the scheme "http" is not supported',
      'ROUTEMETER_STATSD_DIALECT="statsite": not one of the accepted values',
      'ROUTEMETER_STATSD_PREFIX="my shop": not a valid prefix',
      'ROUTEMETER_STATSD_PACKET_SIZE="64": out of range',
    ],
  );
});
