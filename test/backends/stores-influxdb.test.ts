/** Telegraf into InfluxDB, set up by the lines of docs/backends.md, and read back. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '../until.ts';
import { labelsOf, sumOf } from './expected.ts';
import { startInfluxDB } from './influxdb.ts';
import { missing } from './needed.ts';
import { compareHistograms, INTERVAL, PERCENTILES, recorded, sendWithin, shown } from './stores.ts';
import { startTelegraf } from './telegraf.ts';
import { GROUPS } from './workload.ts';

const series = (name: string, tags: Readonly<Record<string, string>>): string =>
  [
    name,
    ...Object.entries(tags)
      // Tags that other series have are empty here.
      .filter(([key, value]) => value !== '' && key !== 'host' && key !== 'metric_type')
      .map(([key, value]) => `${key}=${value.replace(/[|,:\s]/g, '_')}`)
      .sort(),
  ].join();

const skip = missing('telegraf', 'influxdb');

it('Telegraf into InfluxDB: all counts, and percentiles within 5 %', { skip }, async (context) => {
  await using influx = await startInfluxDB();
  await using telegraf = await startTelegraf({ influxUrl: influx.url, intervalMillis: INTERVAL });
  await sendWithin({
    url: telegraf.statsdUrl,
    dialect: 'telegraf',
    isBegun: async () => (await influx.query('SELECT * FROM interval')).length > 0,
  });
  const compare = async (): Promise<string> => {
    const found = await influx.query('SELECT * FROM /^(http|roads)_/ GROUP BY *');
    const rows = new Map(found.map(({ name, tags, rows }) => [series(name, tags), rows]));
    const only = (key: string): (typeof found)[number]['rows'][number] => {
      const [row, ...others] = rows.get(key) ?? [];
      assert.ok(row && others.length === 0, `rows of ${key}: ${rows.get(key)?.length ?? 'none'}`);
      rows.delete(key);
      return row;
    };
    const histograms = [
      ...GROUPS.map((group) => ({
        name: series('http_server_request_duration_seconds', labelsOf(group)),
        values: group.millis.map((millis) => millis / 1000),
      })),
      ...recorded('histogram').map(({ instrument, region, values }) => ({
        name: series(instrument.family, { region }),
        values,
      })),
    ];
    const measured = compareHistograms(histograms, (name) => {
      const row = only(name);
      return {
        count: Number(row.count),
        sum: Number(row.sum),
        percentiles: PERCENTILES.map((percentile) => Number(row[`${percentile}_percentile`])),
      };
    });
    for (const { instrument, region, values } of recorded('counter')) {
      const key = series(instrument.family, { region });
      assert.equal(only(key).value, Math.floor(sumOf(values)), key);
    }
    for (const { instrument, region, values } of recorded('upDownCounter', 'gauge')) {
      const key = series(instrument.family, { region });
      assert.equal(only(key).value, instrument.kind === 'gauge' ? values.at(-1) : sumOf(values), key);
    }
    for (const method of new Set(GROUPS.map(({ method }) => method))) {
      const tags = { http_request_method: method, url_scheme: 'http' };
      assert.equal(only(series('http_server_active_requests', tags)).value, 0, method);
    }
    assert.deepEqual([...rows.keys()], [], 'nothing else is there');
    return measured;
  };
  // One interval is one write, but InfluxDB stores one field after the other.
  context.diagnostic(await until('all is there', compare));

  const queries = shown('Telegraf', /^SELECT/);
  assert.ok(queries.length > 0);
  for (const query of queries) assert.ok((await influx.query(query)).length > 0, query);
});
