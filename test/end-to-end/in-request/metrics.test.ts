/** The metrics that the calls lead to: names, units, labels and bounds, for each exporter. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { servingApp, warnings } from '../../api/serving-app.ts';
import { AppProcess, samples } from '../../app-process.ts';
import { type ReceivedPoint, startOtlpReceiver } from '../../receivers/otlp.ts';
import { startStatsdReceiver } from '../../receivers/statsd.ts';

const TAGS = { ROUTEMETER_TAGS: 'plan=free,pro;region=eu,us' };

describe('in Prometheus', () => {
  it('the metrics have the names of the calls and the route', async () => {
    const running = new AppProcess('in-request.mjs');
    await running.get('/calls');
    const exposition = await running.scrape();
    const route = 'http_route="/calls"';
    for (const [metric, value] of [
      ['user_signup_total', 1],
      ['items_sold_total', 3.5],
      ['cart_size_sum', 6],
      ['cart_size_count', 2],
      ['reply_size_bytes_sum', 512],
      ['template_seconds_count', 1],
      ['db_query_seconds_count', 1],
      ['checkout_seconds_count', 1],
    ] as const) {
      assert.deepEqual(samples(exposition, metric), { [route]: value }, metric);
    }
    const buckets = samples(exposition, 'db_query_seconds_bucket');
    assert.equal(buckets[`${route},le="0.005"`] !== undefined && buckets[`${route},le="+Inf"`], 1);
    assert.doesNotMatch(exposition, /left_open/);
    assert.match(exposition, /^# TYPE user_signup_total counter$/m);
    assert.match(exposition, /^# TYPE db_query_seconds histogram$/m);
  });

  it('metered functions have their names, and failures the classes of their errors', async () => {
    const running = new AppProcess('in-request.mjs');
    assert.equal((await running.get('/metered')).body, '[42,1,2,"a","b"]');
    await running.get('/failing');
    const exposition = await running.scrape();
    for (const metric of ['showMetered', 'doubled', 'steps', 'db_rows']) {
      assert.deepEqual(
        samples(exposition, `${metric}_seconds_count`),
        { 'http_route="/metered"': 1 },
        metric,
      );
    }
    assert.deepEqual(samples(exposition, 'failing_seconds_count'), {
      'error_type="TypeError",http_route="/failing"': 1,
      'error_type="Teapot",http_route="/failing"': 1,
      'error_type="string",http_route="/failing"': 1,
    });
  });
});

describe('tags', () => {
  for (const engine of ['lean', 'otel']) {
    it(`label the request and all that is counted in it, by the ${engine} engine`, async () => {
      const running = new AppProcess('in-request.mjs', { env: { ROUTEMETER_HTTP_ENGINE: engine, ...TAGS } });
      for (const plan of ['free', 'pro', 'pro', 'gold', 'silver']) await running.get(`/tags/${plan}`);
      await running.get('/places/handler/1');
      const exposition = await running.scrape();
      const route = 'http_route="/tags/:plan"';
      assert.deepEqual(samples(exposition, 'tagged_total'), {
        [`${route},plan="free"`]: 2,
        [`${route},plan="pro"`]: 4,
        [`${route},plan="_OTHER"`]: 4,
      });
      const requests = Object.entries(samples(exposition, 'http_server_request_duration_seconds_count'));
      assert.deepEqual(
        requests.map(([labels, value]) => [labels.match(/plan="\w+"|handler/)?.[0], value]),
        [
          ['plan="free"', 1],
          ['plan="pro"', 2],
          ['plan="_OTHER"', 2],
          ['handler', 1],
        ],
      );
      const said = warnings(running);
      assert.deepEqual(said, [
        'the tag "color" is not set: ROUTEMETER_TAGS declares plan, region',
        '"gold" is not a declared value of the tag "plan" and counts as _OTHER: ROUTEMETER_TAGS declares free, pro',
      ]);
    });
  }
});

describe('the same metrics leave by', () => {
  const CODE = `count('user.signup'); tag('plan', 'pro'); observe('reply.size', 512, { unit: 'By' });
    await time('db.query', async () => 1);`;
  const attributes = { 'http.route': '/users/:id', plan: 'pro' };

  it('OTLP', async () => {
    const receiver = await startOtlpReceiver();
    const running = servingApp(CODE, {
      ...TAGS,
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
      OTEL_METRIC_EXPORT_INTERVAL: '100',
    });
    await running.get('/users/1');
    const isOwn = ({ scope }: ReceivedPoint): boolean => scope === 'routemeter/app';
    const { points } = await receiver.first((request) => request.points.some(isOwn));
    await running.end();
    assert.deepEqual(
      points
        .filter(isOwn)
        .map(({ metric, unit, kind, value, attributes }) => [metric, unit, kind, value, attributes]),
      [
        ['user.signup', '', 'sum', 1, attributes],
        ['reply.size', 'By', 'histogram', 1, attributes],
        ['db.query', 's', 'histogram', 1, attributes],
      ],
    );
    await receiver.close();
  });

  it('StatsD', async () => {
    const receiver = await startStatsdReceiver();
    const running = servingApp(CODE, {
      ...TAGS,
      OTEL_METRICS_EXPORTER: 'statsd',
      ROUTEMETER_STATSD_URL: receiver.url,
      ROUTEMETER_STATSD_INTERVAL: '20',
    });
    await running.get('/users/1');
    for (const line of [
      /^user_signup_total:1\|c\|#http_route:\/users\/:id,plan:pro$/,
      /^reply_size_bytes:[\d.]+\|[dh]\|#http_route:\/users\/:id,plan:pro$/,
      /^db_query_seconds:[\d.e-]+\|[dh]\|#http_route:\/users\/:id,plan:pro$/,
    ]) {
      await receiver.until(({ lines }) => lines.some((each) => line.test(each)));
    }
    await receiver.stop();
  });
});

it('an unhandled rejection is reported as without us: once, with its own error', async () => {
  const program = `import { metered, time } from 'routemeter';
    process.on('unhandledRejection', (error) => console.log('unhandled ' + error.message));
    class Job extends Promise {}
    const fail = (name) => async () => { throw new Error(name) };
    void time('promise', fail('promise'));
    void metered(fail('metered'), 'metered')();
    void time('subclass', () => Job.reject(new Error('subclass')));
    void time('handled', fail('handled')).catch(() => {});
    void time('generator', async function* () { throw new Error('generator') }).next();
    setImmediate(() => console.log('done'));`;
  const outputs = await Promise.all(
    [['--import', 'routemeter/register'], []].map(async (flags) => {
      const running = new AppProcess(program, { flags });
      await running.ended;
      return running.stdout.toSorted();
    }),
  );
  assert.deepEqual(outputs[0], [
    'done',
    ...['generator', 'metered', 'promise', 'subclass'].map((name) => `unhandled ${name}`),
  ]);
  assert.deepEqual(outputs[0], outputs[1]);
});

const hasUsing = Number(process.versions.node.split('.')[0]) >= 24;
it('`using` times to the end of the block', { skip: !hasUsing }, async () => {
  const running = servingApp(
    `{ using timer = time('block'); count('inside'); }
    try { using _ = time('thrown'); throw new Error() } catch {}`,
  );
  await running.get('/users/1');
  const exposition = await running.scrape();
  for (const metric of ['block_seconds_count', 'thrown_seconds_count']) {
    assert.deepEqual(samples(exposition, metric), { 'http_route="/users/:id"': 1 });
  }
});
