/** The effects of a faulty app's calls are bounded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { servingApp, warnings } from '../../api/serving-app.ts';
import { samples } from '../../app-process.ts';

describe('there is a bound on', () => {
  it('series, and one line names the attribute with most values', async () => {
    const running = servingApp(
      `class E extends Error { name = 'E' + id }
      count('user.signup');
      await time('db.query', async () => { throw new E() }).catch(() => {});`,
      { ROUTEMETER_CARDINALITY_LIMIT: '20' },
    );
    for (let i = 0; i < 50; i++) await running.get(`/users/${i}`);
    const exposition = await running.scrape();
    const counts = samples(exposition, 'db_query_seconds_count');
    assert.equal(Object.keys(counts).length, 20);
    assert.equal(counts['otel_metric_overflow="true"'], 31);
    assert.deepEqual(samples(exposition, 'user_signup_total'), { 'http_route="/users/:id"': 50 });
    const said = warnings(running);
    assert.equal(said.length, 1, said.join('\n'));
    assert.match(said[0] ?? '', /db\.query has 19 series, and error\.type alone has 19 values/);
  });

  it('the log lines of wrong calls: one each, nothing is thrown, and correct calls are counted', async () => {
    const running = servingApp(
      `const hostile = { toString() { throw new Error('hostile') } };
      for (const wrong of [NaN, -1, Infinity, '3', undefined, null, Symbol(), hostile, Object.create(null), {}]) {
        if (wrong !== undefined) count('x', wrong);
        observe('y', wrong);
        observe('z', 1, { unit: wrong ?? 5 });
        count(wrong);
        time(wrong).stop(wrong);
        time(wrong, () => {});
        tag(wrong, wrong);
        tag('plan', wrong);
      }
      count('kind'); observe('kind', 1); time('kind').stop();
      observe('unit', 1, { unit: 's' }); observe('unit', 1, { unit: 'ms' });
      count('right');`,
      { ROUTEMETER_TAGS: 'plan=free,pro' },
    );
    for (let i = 0; i < 3; i++) assert.equal((await running.get('/users/1')).status, 200);
    const exposition = await running.scrape();
    for (const metric of ['right_total', 'kind_total', 'unit_seconds_count']) {
      assert.deepEqual(Object.values(samples(exposition, metric)), [3], metric);
    }
    const said = warnings(running);
    assert.deepEqual(
      said.map((line) => line.match(/^.*?(?=,|:)|^.*?is not measured/)?.[0]),
      [
        '"x" is not measured',
        '"z" is not measured',
        'NaN is not measured',
        'the tag NaN is not set',
        'NaN is not a declared value of the tag "plan" and counts as _OTHER',
        // An object in place of a number: attributes, as other libraries take them.
        '"x" is not measured',
        '"kind" is counted and cannot be timed or observed as well',
        '"unit" is in "s" and cannot be in "ms" as well',
      ],
    );
  });
});
