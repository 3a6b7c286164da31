import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

/** An app that creates instruments through the API and stays alive. */
const app = (instruments: string, env: Record<string, string> = {}): AppProcess =>
  new AppProcess(
    `import { metrics } from '@opentelemetry/api';
    const meter = metrics.getMeter('app', '1.0.0');
    ${instruments}
    setInterval(() => {}, 1e6);`,
    { env },
  );

describe("the app's own instruments", () => {
  it('are written with their kinds, units and help', async () => {
    const exposition = await app(`
      meter.createCounter('orders').add(3);
      meter.createCounter('sent', { unit: 'By' }).add(3);
      meter.createUpDownCounter('queue').add(-2);
      meter.createGauge('used', { unit: '1' }).record(0.5);
      meter.createHistogram('db.query', { unit: 's' }).record(0.3);
      meter.createObservableGauge('depth').addCallback((r) => r.observe(7));`).scrape();
    for (const line of [
      /^orders_total 3$/m,
      /^# HELP orders_total \S.*$/m,
      /^sent_bytes_total 3$/m,
      /^queue -2$/m,
      /^used_ratio 0.5$/m,
      // The boundaries of the conventions for seconds.
      /^db_query_seconds_bucket\{le="0.25"\} 0\ndb_query_seconds_bucket\{le="0.5"\} 1$/m,
      /^depth 7$/m,
    ]) {
      assert.match(exposition, line);
    }
  });

  it('have the configured boundaries and attributes', async () => {
    const exposition = await app(
      `meter.createHistogram('db.query', { unit: 's' }).record(0.3, { table: 'users', user: '42' })`,
      { ROUTEMETER_BUCKETS: '0.1,1;db.*=0.2,0.4', ROUTEMETER_ATTRIBUTES: '-user' },
    ).scrape();
    assert.deepEqual(samples(exposition, 'db_query_seconds_bucket'), {
      'table="users",le="0.2"': 0,
      'table="users",le="0.4"': 1,
      'table="users",le="+Inf"': 1,
    });
  });

  const observe = (scope: string, callback = '(r) => r.observe(1)'): string =>
    `metrics.getMeter('${scope}').createObservableGauge('seen').addCallback(${callback});`;
  const observed: [what: string, code: string][] = [
    ['no scope has an observable', ''],
    ["the first one's scope has an observable", observe('first')],
    ["the second one's scope has an observable", observe('second')],
    ['both have', observe('first') + observe('second')],
    [
      'that of the first one is slow',
      observe('first', 'async (r) => { await new Promise((d) => setTimeout(d, 50)); r.observe(1); }'),
    ],
    ['their meters were made the other way round', `metrics.getMeter('second');`],
    ['the first one has no value before the first scrape', 'globalThis.late = true;'],
  ];
  for (const [what, code] of observed) {
    it(`share a name, which the first of them keeps, where ${what}`, async () => {
      const running = app(
        `${code}
        const first = metrics.getMeter('first').createGauge('jobs.total');
        const second = metrics.getMeter('second').createCounter('jobs');
        const say = () => first.record(7);
        second.add(5);
        process.on('message', () => { say(); process.send('said'); });
        if (!globalThis.late) say();`,
      );
      const before = await running.scrape();
      await running.ask('say');
      const exposition = await running.scrape();
      assert.match(exposition, /^# TYPE jobs_total gauge$/m);
      assert.deepEqual(samples(exposition, 'jobs_total'), { '': 7 });
      assert.deepEqual(samples(before, 'jobs_total'), code.includes('late') ? {} : { '': 7 });
      const told = running.stderr.filter((line) => /is not served/.test(line));
      assert.deepEqual(told, [
        'routemeter: jobs is not served to Prometheus: the name jobs_total belongs to the gauge jobs_total',
      ]);
    });
  }

  const failing: [what: string, callback: string][] = [
    ['throws', `() => { throw new Error('broken gauge') }`],
    ['rejects', `async () => { throw new Error('broken gauge') }`],
    ['never settles', `() => new Promise(() => {})`],
  ];
  for (const [what, callback] of failing) {
    it(`are served without the one whose callback ${what}, and the error is counted`, async () => {
      const running = app(
        `meter.createObservableGauge('broken').addCallback(${callback});
        meter.createObservableGauge('sound').addCallback((result) => result.observe(1));`,
      );
      const response = await fetch(await running.endpoint());
      assert.equal(response.status, 200);
      const exposition = await response.text();
      assert.deepEqual(samples(exposition, 'sound'), { '': 1 });
      assert.deepEqual(samples(exposition, 'broken'), {});
      assert.deepEqual(samples(exposition, 'routemeter_collect_errors_total'), { '': 1 });
      await running.scrape();
      assert.equal(
        running.stderr.filter((line) => /an error while metrics were collected/.test(line)).length,
        1,
      );
    });
  }
});
