import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { perRoute, quantile, table } from '../../examples/per-route.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo.ts', import.meta.url));

async function runDemo(args: string[], atTraffic: (kill: (signal: NodeJS.Signals) => void) => void) {
  // In its own process group, so that a signal reaches all of it, as Ctrl-C in a terminal does.
  const demo = spawn(process.execPath, [DEMO, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let traffic = false;
  for (const stream of [demo.stdout, demo.stderr]) {
    stream.on('data', (data) => {
      output += data;
      if (traffic || !output.includes('Traffic is on its way')) return;
      traffic = true;
      atTraffic((signal) => {
        if (demo.pid !== undefined) process.kill(-demo.pid, signal);
      });
    });
  }
  const [code, signal] = await once(demo, 'close');
  return { output, code, signal };
}

describe('the demo', () => {
  it('ends by itself after --seconds and prints the table that it scraped', async () => {
    const { output, code } = await runDemo(['--seconds', '2'], () => undefined);
    assert.equal(code, 0, output);
    assert.match(output, /curl http:\/\/localhost:\d+\/metrics/);
    assert.match(output, /^route +requests +errors +p50 +p95 +p99$/m);
    assert.match(output, /^GET \/products\/:id +\d+ +0\.0 % +[\d.]+ ms +[\d.]+ ms +[\d.]+ ms$/m);
  });

  it('ends cleanly on Ctrl-C, with the table', async () => {
    const { output, code, signal } = await runDemo([], (kill) => kill('SIGINT'));
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, output);
    assert.match(output, /^route +requests/m);
  });

  it('rejects --seconds that is not a number', async () => {
    const { output, code } = await runDemo(['--seconds', 'soon'], () => undefined);
    assert.deepEqual(
      { output, code },
      { output: 'demo: --seconds "soon" is not a positive number\n', code: 2 },
    );
  });
});

describe('the table per route', () => {
  const EXPOSITION = `http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/a",le="0.1"} 8
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/a",le="0.5"} 10
http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="/a",le="+Inf"} 10
http_server_request_duration_seconds_count{http_request_method="GET",http_route="/a"} 10
http_server_request_duration_seconds_bucket{error_type="500",http_request_method="GET",http_response_status_code="500",http_route="/a",le="0.1"} 0
http_server_request_duration_seconds_bucket{error_type="500",http_request_method="GET",http_response_status_code="500",http_route="/a",le="0.5"} 0
http_server_request_duration_seconds_bucket{error_type="500",http_request_method="GET",http_response_status_code="500",http_route="/a",le="+Inf"} 10
http_server_request_duration_seconds_count{error_type="500",http_request_method="GET",http_response_status_code="500",http_route="/a"} 10
`;

  it('adds up the statuses of a route', () => {
    assert.equal(
      table(perRoute(EXPOSITION)),
      [
        'route   requests  errors       p50       p95       p99',
        'GET /a        20  50.0 %  500.0 ms  500.0 ms  500.0 ms',
      ].join('\n'),
    );
  });

  const cases: [q: number, buckets: Record<number, number>, expected: number][] = [
    [0.5, { 0.1: 10, Infinity: 10 }, 0.05],
    [0.9, { 0.1: 5, 0.2: 10, Infinity: 10 }, 0.18],
    [0.99, { 0.1: 5, Infinity: 10 }, 0.1],
    [0.5, {}, Number.NaN],
  ];
  for (const [q, buckets, expected] of cases) {
    it(`has the ${q} quantile of ${JSON.stringify(buckets)}`, () => {
      const counts = Object.entries(buckets).map(([bound, count]): [number, number] => [
        Number(bound),
        count,
      ]);
      assert.ok(Object.is(Math.round(quantile(q, new Map(counts)) * 1e9) / 1e9, expected));
    });
  }
});
