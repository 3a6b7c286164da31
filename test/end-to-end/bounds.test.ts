import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';
import { LONG } from '../length.ts';

const REQUESTS = LONG ? 100_000 : 2000;
const ROUNDS = 20;
const COUNT = 'http_server_request_duration_seconds_count';

/** Sends the requests over a few kept connections. */
async function sendAll(base: string, requests: Iterable<{ path: string; host?: string }>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const { hostname, port } = new URL(base);
  const queue = requests[Symbol.iterator]();
  const one = (path: string, host: string | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      request({ hostname, port, path, agent, headers: host === undefined ? {} : { host } }, (response) => {
        response.resume().on('end', resolve);
      })
        .on('error', reject)
        .end();
    });
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = queue.next(); !next.done; next = queue.next())
        await one(next.value.path, next.value.host);
    }),
  );
  agent.destroy();
}

describe('series stay bounded', () => {
  it(`${REQUESTS} requests to distinct unknown URLs of distinct made-up hosts, with scrapes between, leave room for later routes`, async () => {
    const app = new AppProcess('express.mjs', {
      env: { ROUTEMETER_ATTRIBUTES: '+server.address', ROUTEMETER_CARDINALITY_LIMIT: '1000' },
    });
    const base = await app.url();
    const perRound = REQUESTS / ROUNDS;
    for (let round = 0; round < ROUNDS; round++) {
      const made = Array.from({ length: perRound }, (_, i) => `${round}-${i}`);
      await sendAll(
        base,
        made.map((id) => ({ path: `/made-up/${id}`, host: `host-${id}.example` })),
      );
      await app.scrape();
    }
    const late = ['/users/1', '/users/1/posts/2', '/fails', '/'];
    await sendAll(
      base,
      late.map((path) => ({ path, host: 'late.example' })),
    );
    const exposition = await app.scrape();
    const series = Object.entries(samples(exposition, COUNT));
    assert.ok(series.length <= 1000, `${series.length} series`);
    const counts: Record<string, number> = {};
    for (const [labels, count] of series) {
      const route = labels.match(/http_route="([^"]*)"/)?.[1] ?? 'none';
      counts[route] = (counts[route] ?? 0) + count;
      if (route !== 'none') assert.match(labels, /server_address="_OTHER"/);
    }
    const expected = { none: REQUESTS, '/users/:id': 1, '/users/:user/posts/:post': 1, '/fails': 1, '/': 1 };
    assert.deepEqual(counts, expected);
    // Each that has no series of its own.
    const lost = series.filter(([labels]) => labels.includes('server_address="_OTHER"'));
    assert.deepEqual(samples(exposition, 'routemeter_series_overflow_total'), {
      'routemeter_attribute="server.address",routemeter_instrument="http.server.request.duration"':
        lost.reduce((sum, [, count]) => sum + count, 0),
    });
    const warnings = app.stderr.filter((line) => /ROUTEMETER_CARDINALITY_LIMIT/.test(line));
    assert.equal(warnings.length, 1, warnings.join('\n'));
    assert.match(warnings[0] ?? '', /http\.server\.request\.duration.*server\.address/);
  });
});

describe('default dimensions', () => {
  it('are on every series of every exporter', async () => {
    const app = new AppProcess('http.mjs', {
      env: {
        ROUTEMETER_LABELS: 'environment=dev,team=x',
        OTEL_METRICS_EXPORTER: 'prometheus,console',
        OTEL_METRIC_EXPORT_INTERVAL: '50',
      },
    });
    await app.get('/');
    const exposition = await app.scrape();
    const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.ok(lines.length > 10);
    assert.deepEqual(
      lines.filter((line) => !/environment="dev"/.test(line) || !/team="x"/.test(line)),
      [],
    );
    await app.line('stderr', /GET.*200|environment.*dev/);
  });
});
