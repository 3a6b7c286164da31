import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AppProcess, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';

const PRELOAD = pathToFileURL(fileURLToPath(new URL('../../dist/register.js', import.meta.url))).href;

describe('quiet until needed', () => {
  const silent: [what: string, program: string][] = [
    ['a script', `console.log('done');\n`],
    [
      'a server of plain sockets',
      `import net from 'node:net';\nconst s = net.createServer().listen(0, () => s.close());`,
    ],
    ['an HTTP server that never listens', `import http from 'node:http';\nhttp.createServer(() => {});`],
    [
      'an HTTP server that is given a connection, and no request',
      `import http from 'node:http';\nimport { duplexPair } from 'node:stream';
      const [inner, outer] = duplexPair();
      http.createServer(() => {}).emit('connection', inner);
      outer.end();`,
    ],
    [
      'an HTTP client',
      `import http from 'node:http';\nhttp.get('http://127.0.0.1:1').on('error', () => {});`,
    ],
    [
      'use of the API without an instrument',
      `import { metrics } from '@opentelemetry/api';\nmetrics.getMeterProvider();`,
    ],
    ['an import of the in-request API', `import { count, metered } from 'routemeter';\nmetered(count, 'x');`],
  ];
  for (const [what, program] of silent) {
    it(`prints, opens and times nothing for ${what}`, async () => {
      const app = new AppProcess(
        `${program}\nprocess.on('exit', () => console.log(process.getActiveResourcesInfo().join()));`,
      );
      assert.deepEqual(await app.ended, { code: 0, signal: null });
      assert.deepEqual(app.stderr, []);
      assert.doesNotMatch(app.stdout.at(-1) ?? '', /Timeout|TCPServerWrap/);
    });
  }

  it('does not report a bad configuration either', async () => {
    const app = new AppProcess(`console.log('done');\n`, {
      env: { ROUTEMETER_BUCKETS: 'x', ROUTEMETER_STRICT: 'true' },
    });
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    assert.deepEqual(app.stderr, []);
  });

  it('leaves npm start alone: npm takes no port and logs nothing, the app logs one line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
    const port = String(await freePort());
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'npm-app', scripts: { start: `node app.cjs` } }),
    );
    writeFileSync(
      join(folder, 'app.cjs'),
      `require('node:http').createServer((q, r) => r.end('ok')).listen(0, '127.0.0.1', function () {
        fetch('http://127.0.0.1:' + this.address().port).then((r) => r.text()).then(() => console.log('listening'));
      });
      process.stdin.resume().on('end', () => process.exit());`,
    );
    const npm = spawn('npm', ['start', '--silent'], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: `--import ${PRELOAD}`, OTEL_EXPORTER_PROMETHEUS_PORT: port },
    });
    let stderr = '';
    npm.stderr.on('data', (data) => {
      stderr += data;
    });
    await Promise.all([once(npm.stdout, 'data'), once(npm.stderr, 'data')]);
    const exposition = await (await fetch(`http://localhost:${port}/metrics`)).text();
    npm.stdin.end();
    await once(npm, 'close');
    rmSync(folder, { recursive: true });
    assert.equal(
      stderr,
      `routemeter: measuring HTTP requests of npm-app: http://localhost:${port}/metrics\n`,
    );
    assert.equal(Object.keys(samples(exposition, 'http_server_request_duration_seconds_count')).length, 1);
  });
});

describe('the first need', () => {
  const HTTP = 'HTTP requests';
  const servers: [what: string, measured: string, program: string][] = [
    ['an HTTP server', HTTP, `import http from 'node:http';\nhttp.createServer().listen(0);`],
    [
      'an HTTP server on a Unix socket',
      HTTP,
      `import http from 'node:http';\nhttp.createServer().listen(process.env.SOCKET);`,
    ],
    ['an HTTPS server', HTTP, `import https from 'node:https';\nhttps.createServer().listen(0);`],
    ['an HTTP/2 server', HTTP, `import http2 from 'node:http2';\nhttp2.createServer().listen(0);`],
    [
      'a secure HTTP/2 server',
      HTTP,
      `import http2 from 'node:http2';\nhttp2.createSecureServer().listen(0);`,
    ],
    [
      'an instrument of the app',
      `the app's own instruments, and ${HTTP} once it listens,`,
      `import { metrics } from '@opentelemetry/api';
      metrics.getMeter('app').createCounter('orders').add(2, { kind: 'book' });
      setInterval(() => {}, 1e6);`,
    ],
  ];
  for (const [what, measured, program] of servers) {
    it(`is ${what}: one line, and the endpoint answers`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
      const app = new AppProcess(program, {
        env: { SOCKET: join(folder, 'socket'), OTEL_SERVICE_NAME: 'first' },
      });
      const endpoint = await app.endpoint();
      const response = await fetch(endpoint);
      assert.equal(response.status, 200);
      // Instruments are measured from their first record.
      const orders = /createCounter/.test(program) ? { 'kind="book"': 2 } : {};
      assert.deepEqual(samples(await response.text(), 'orders_total'), orders);
      assert.deepEqual(app.stderr, [`routemeter: measuring ${measured} of first: ${endpoint}`]);
      await app.end();
      rmSync(folder, { recursive: true });
    });
  }
});

describe('an invalid configuration', () => {
  const program = `import http from 'node:http';
    const server = http.createServer((_q, r) => r.end('ok')).listen(0, async () => {
      console.log((await fetch('http://127.0.0.1:' + server.address().port)).status);
      server.close();
    });`;

  it('is one message with every problem, and the app runs without metrics', async () => {
    const app = new AppProcess(program, {
      env: { ROUTEMETER_CARDINALITY_LIMIT: 'many', OTEL_METRICS_EXPORTER: 'smoke' },
    });
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    assert.deepEqual(app.stdout, ['200']);
    assert.equal(app.stderr.filter((line) => line.startsWith('routemeter:')).length, 1);
    assert.match(
      app.stderr.join('\n'),
      /OTEL_METRICS_EXPORTER="smoke"[^\n]*\n[^\n]*ROUTEMETER_CARDINALITY_LIMIT="many"/,
    );
  });

  it('ends the process with code 1 under ROUTEMETER_STRICT=true', async () => {
    const app = new AppProcess(program, {
      env: { ROUTEMETER_CARDINALITY_LIMIT: 'many', ROUTEMETER_STRICT: 'true' },
    });
    assert.deepEqual(await app.ended, { code: 1, signal: null });
    assert.deepEqual(app.stdout, []);
  });
});

describe('an invalid configuration in a process that does not listen', () => {
  const api = `import { metrics } from '@opentelemetry/api';\nconst meter = metrics.getMeter('app');\n`;
  const inRequest = `import { count, metered, observe, time } from 'routemeter';\n`;
  const needs: [what: string, program: string][] = [
    ['a counter of the API', `${api}const jobs = meter.createCounter('jobs');\njobs.add(1);\njobs.add(1);`],
    ['a gauge of the API', `${api}meter.createGauge('queue').record(1);`],
    ['a histogram of the API', `${api}meter.createHistogram('took').record(1);`],
    ['an observable of the API', `${api}meter.createObservableGauge('heat').addCallback(() => {});`],
    ['a first count', `${inRequest}count('jobs');\ncount('jobs');`],
    ['a first observation', `${inRequest}observe('size', 3);`],
    ['a first time', `${inRequest}time('job').stop();`],
    ['a first timed function', `${inRequest}await time('job', async () => {});`],
    ['a first call of a metered function', `${inRequest}metered(() => {}, 'job')();`],
    ['start()', `import { start } from 'routemeter/start';\nstart();`],
    ['a count before process.exit', `${inRequest}count('jobs');\nprocess.exit(0);`],
    [
      'many of these',
      `${api}${inRequest}meter.createCounter('a').add(1);\ncount('b');\ntime('c').stop();
      setImmediate(() => { count('b'); meter.createCounter('d').add(1); });`,
    ],
    ['a first count while the process exits', `${inRequest}process.on('exit', () => count('jobs'));`],
    [
      'a first instrument after process.exit',
      `${api}process.on('exit', () => meter.createCounter('jobs'));\nprocess.exit();`,
    ],
  ];
  /** One for each way in which it is noticed. */
  const ENDS = [
    'a counter of the API',
    'a first count',
    'start()',
    'a count before process.exit',
    'a first count while the process exits',
    'a first instrument after process.exit',
  ];
  for (const [what, program] of needs) {
    it(`is reported once at ${what}, and the app runs on`, async () => {
      const app = new AppProcess(`process.on('exit', () => console.log('goes on'));\n${program}`, {
        env: { OTEL_METRICS_EXPORTER: 'prometeus' },
      });
      assert.deepEqual(await app.ended, { code: 0, signal: null });
      assert.deepEqual(app.stdout, ['goes on']);
      assert.equal(app.stderr.filter((line) => line.startsWith('routemeter:')).length, 1);
      assert.match(
        app.stderr.join('\n'),
        /the app runs without metrics:\n {2}OTEL_METRICS_EXPORTER="prometeus"/,
      );
    });

    if (!ENDS.includes(what)) continue;
    it(`ends the process with code 1 under ROUTEMETER_STRICT=true at ${what}`, async () => {
      const app = new AppProcess(program, {
        env: { OTEL_METRICS_EXPORTER: 'prometeus', ROUTEMETER_STRICT: 'true' },
      });
      assert.deepEqual(await app.ended, { code: 1, signal: null });
      assert.match(app.stderr.join('\n'), /the process ends[^\n]*\n {2}OTEL_METRICS_EXPORTER="prometeus"/);
    });
  }

  it("leaves an app's own exit code and its other exit handlers as they are", async () => {
    const app = new AppProcess(
      `${inRequest}count('jobs');\nprocess.on('exit', (code) => console.log('ended with ' + code));\nprocess.exit(7);`,
      { env: { OTEL_METRICS_EXPORTER: 'prometeus', ROUTEMETER_STRICT: 'true' } },
    );
    assert.deepEqual(await app.ended, { code: 7, signal: null });
    assert.deepEqual(app.stdout, ['ended with 7']);
    assert.equal(app.stderr.filter((line) => line.startsWith('routemeter:')).length, 1);
  });

  it('is not reported where start() corrects it within the same turn', async () => {
    const app = new AppProcess(
      `${inRequest}import { start } from 'routemeter/start';
      count('jobs');
      start({ exporters: ['prometheus'], prometheus: { port: 0 } });
      count('jobs');
      setInterval(() => {}, 1e6);`,
      { env: { OTEL_METRICS_EXPORTER: 'prometeus' } },
    );
    assert.deepEqual(samples(await app.scrape(), 'jobs_total'), { '': 1 });
    assert.equal(app.stderr.length, 1);
    await app.end();
  });

  it('is not reported for a meter without instruments, nor for an import', async () => {
    const app = new AppProcess(`${api}${inRequest}metered(count, 'job');`, {
      env: { OTEL_METRICS_EXPORTER: 'prometeus', ROUTEMETER_STRICT: 'true' },
    });
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    assert.deepEqual(app.stderr, []);
  });
});
