/** The labels of the instrumentation scope on every series, by ROUTEMETER_SCOPE_LABELS. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { AppProcess } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { uniqueService } from './group/load.ts';
import { scrapeUntil } from './group/scrape.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

const APP = `
  import http from 'node:http';
  import { metrics } from '@opentelemetry/api';
  import { count } from 'routemeter';
  const shop = metrics.getMeter('shop', '3.1', { schemaUrl: 'https://example.com/1' });
  shop.createCounter('orders').add(1);
  metrics.getMeter('bare').createObservableGauge('depth').addCallback((result) => result.observe(2));
  const server = http.createServer((q, r) => { count('signups'); r.end('ok'); });
  server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`;

const on = { ROUTEMETER_SCOPE_LABELS: 'true' };
const series = (exposition: string): string[] =>
  exposition.split('\n').filter((line) => line !== '' && !/^#|^target_info/.test(line));

describe('the labels of the scope', () => {
  it('are on every series, and not on the resource', async () => {
    const app = new AppProcess(APP, { env: on });
    await app.get('/');
    const exposition = await app.scrape();
    for (const line of series(exposition)) assert.match(line, /otel_scope_name="[^"]+"/);
    for (const line of [
      'orders_total{otel_scope_name="shop",otel_scope_schema_url="https://example.com/1",otel_scope_version="3.1"} 1',
      'depth{otel_scope_name="bare"} 2',
    ]) {
      assert.ok(series(exposition).includes(line), line);
    }
    assert.match(
      exposition,
      new RegExp(
        `^signups_total\\{otel_scope_name="routemeter/app",otel_scope_version="${version}"\\} 1$`,
        'm',
      ),
    );
    const requests = series(exposition).find((line) =>
      line.startsWith('http_server_request_duration_seconds_count'),
    );
    assert.match(requests ?? '', new RegExp(`otel_scope_name="routemeter",otel_scope_version="${version}"`));
    assert.doesNotMatch(exposition, /^target_info\{.*otel_scope/m);
  });

  it('are on the series of a group of processes', { skip: process.platform === 'win32' }, async () => {
    const port = await freePort();
    const env = { ...on, OTEL_SERVICE_NAME: uniqueService(), OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
    for (let i = 0; i < 2; i++) await new AppProcess(APP, { env }).line('stderr', /measuring/);
    const endpoint = `http://localhost:${port}/metrics`;
    await scrapeUntil(endpoint, ({ members, fresh }) => members === 2 && fresh === 2);
    const exposition = await (await fetch(endpoint)).text();
    for (const line of series(exposition)) assert.match(line, /otel_scope_name="[^"]+"/);
    assert.match(exposition, /^orders_total\{otel_scope_name="shop",.*\} 2$/m);
  });
});
