import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';
import { LONG } from '../length.ts';

const URLS = LONG ? 100_000 : 2000;
const HOSTS = LONG ? 5000 : 2000;
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

const total = (exposition: string): number =>
  Object.values(samples(exposition, COUNT)).reduce((sum, count) => sum + count, 0);

describe('series stay bounded', () => {
  it(`${URLS} requests to distinct unknown URLs add none beyond their method and status`, async () => {
    const app = new AppProcess('express.mjs');
    await sendAll(
      await app.url(),
      (function* () {
        for (let i = 0; i < URLS; i++) yield { path: `/made-up/${i}/${Math.random()}` };
      })(),
    );
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 404': URLS });
  });

  for (const scrapes of [0, 20]) {
    it(`${HOSTS} made-up hosts become _OTHER, with ${scrapes} scrapes in between, and routes seen later are told apart`, async () => {
      const app = new AppProcess('express.mjs', {
        env: { ROUTEMETER_ATTRIBUTES: '+server.address', ROUTEMETER_CARDINALITY_LIMIT: '1000' },
      });
      const base = await app.url();
      const perRound = HOSTS / Math.max(1, scrapes);
      for (let round = 0; round < Math.max(1, scrapes); round++) {
        await sendAll(
          base,
          Array.from({ length: perRound }, (_, i) => ({ path: '/', host: `host-${round}-${i}.example` })),
        );
        if (scrapes > 0) await app.scrape();
      }
      const late = ['/users/1', '/users/1/posts/2', '/fails', '/nowhere'];
      await sendAll(
        base,
        late.map((path) => ({ path, host: 'late.example' })),
      );
      const exposition = await app.scrape();
      assert.equal(total(exposition), HOSTS + late.length);
      const series = Object.keys(samples(exposition, COUNT));
      assert.ok(series.length <= 1000, `${series.length} series`);
      for (const route of ['/users/:id', '/users/:user/posts/:post', '/fails']) {
        const own = series.filter((labels) => labels.includes(`http_route="${route}"`));
        assert.equal(own.length, 1, route);
        assert.match(own[0] ?? '', /server_address="_OTHER"/);
      }
      const warnings = app.stderr.filter((line) => /ROUTEMETER_CARDINALITY_LIMIT/.test(line));
      assert.equal(warnings.length, 1, warnings.join('\n'));
      assert.match(warnings[0] ?? '', /http\.server\.request\.duration.*server\.address/);
    });
  }
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
