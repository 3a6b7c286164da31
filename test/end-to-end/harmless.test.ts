import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { AppProcess, flushing, requestCounts, samples } from '../app-process.ts';
import { freePort } from '../ports.ts';
import { startOtlpReceiver } from '../receivers/otlp.ts';

describe('a stderr that cannot be written', () => {
  const FULL_DISK = ['sh', '-c', 'exec "$@" 2>/dev/full', 'sh'];
  const cases: [what: string, exporter: string, wrapper?: readonly string[]][] = [
    ['a full disk', 'prometheus', FULL_DISK],
    ['a full disk', 'console', FULL_DISK],
    ['a reader that has gone away', 'console'],
  ];
  for (const [what, exporter, wrapper] of cases) {
    it(`does not end an app that exports to ${exporter}: ${what}`, async () => {
      const app = new AppProcess('http.mjs', {
        env: { OTEL_METRICS_EXPORTER: exporter, OTEL_METRIC_EXPORT_INTERVAL: '20' },
        ...(wrapper && { wrapper }),
      });
      await app.url();
      app.child.stderr?.destroy();
      for (let i = 0; i < 20; i++) assert.equal((await app.get('/')).status, 200);
      app.child.kill('SIGKILL');
      await once(app.child, 'exit');
      assert.equal(app.child.signalCode, 'SIGKILL');
    });
  }
});

describe("the app's own ports", () => {
  const listen = (name: string, args: string): string =>
    `http.createServer((_q, r) => r.end('own')).listen(${args}, () => console.log('${name} listens'))`;

  for (const host of ['localhost', '127.0.0.1', '0.0.0.0', undefined]) {
    const args = (port: number): string => (host === undefined ? String(port) : `${port}, '${host}'`);
    it(`stay the app's: our default port is that of its only server, on ${host ?? 'every address'}`, async () => {
      const port = await freePort();
      const app = new AppProcess(`import http from 'node:http';\n${listen('only', args(port))};`, {
        env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
      });
      await app.line('stdout', /only listens/);
      await app.line('stderr', /the port is already in use|takes port/);
      assert.equal(await (await fetch(`http://localhost:${port}`)).text(), 'own');
      await app.end();
    });

    it(`stay the app's: our port is that of a later server, on ${host ?? 'every address'}`, async () => {
      const port = await freePort();
      const app = new AppProcess(
        `import http from 'node:http';
        http.createServer((_q, r) => { r.end(); ${listen('second', args(port))}; })
          .listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port); });`,
        { env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) } },
      );
      await app.endpoint();
      await app.get('/');
      await app.line('stdout', /second listens/);
      await app.line('stderr', new RegExp(`the app takes port ${port} for itself`));
      assert.equal(await (await fetch(`http://localhost:${port}`)).text(), 'own');
      await app.end();
    });
  }
});

describe("the app's tracing", () => {
  const SET_UP = `
    const { createRequire } = await import('node:module');
    const require = createRequire(process.cwd() + '/x.js');
    const { trace, context } = require('@opentelemetry/api');
    const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
    const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
    const { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');
    const spans = new InMemorySpanExporter();
    context.setGlobalContextManager(new AsyncLocalStorageContextManager());
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
    new HttpInstrumentation().enable();
    require('node:http');
    const kinds = () => spans.getFinishedSpans().map((span) => ['internal', 'server', 'client'][span.kind]).sort().join();
  `;

  it('keeps the client spans of node:http imported after it', async () => {
    const program = `${SET_UP}
      const { createServer, get } = await import('node:http');
      const server = createServer((_q, r) => r.end('ok')).listen(0, '127.0.0.1', () => {
        get({ port: server.address().port, host: '127.0.0.1', agent: false }, (r) => r.resume().on('close', () => {
          server.close();
          setImmediate(() => console.log(kinds()));
        }));
      });`;
    const [app, without] = [new AppProcess(program), new AppProcess(program, { flags: [] })];
    await Promise.all([app.ended, without.ended]);
    assert.deepEqual(without.stdout, ['client,server']);
    assert.deepEqual(app.stdout, without.stdout);
  });

  it('has no span of a scrape', async () => {
    const app = new AppProcess(`${SET_UP}
      const server = require('node:http').createServer((_q, r) => r.end(kinds()));
      server.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`);
    for (let i = 0; i < 3; i++) await app.scrape();
    assert.equal((await app.get('/')).body, '');
    assert.equal((await app.get('/')).body, 'server');
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 2 });
    await app.end();
  });
});

describe('a response that the framework or the app alters', () => {
  it('with a headersSent of its own has the status that was sent', async () => {
    const app = new AppProcess(`import http from 'node:http';
      http.createServer((_q, r) => {
        Object.defineProperty(r, 'headersSent', { get: () => false });
        r.end('ok');
      }).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port); });`);
    await app.get('/');
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
    await app.end();
  });

  it('has no status if it begins after the client has gone away', async () => {
    const app = new AppProcess(`import http from 'node:http';
      import net from 'node:net';
      const server = http.createServer((q, r) => q.resume().on('aborted', () => {
        r.statusCode = 400;
        r.end();
        console.log('answered');
      })).listen(0, '127.0.0.1', () => {
        const client = net.connect(server.address().port, '127.0.0.1');
        server.once('request', () => client.destroy());
        client.write('POST / HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 9\\r\\n\\r\\nhalf');
      });`);
    await app.line('stdout', /answered/);
    assert.deepEqual(samples(await app.scrape(), 'http_server_request_duration_seconds_count'), {
      'error_type="aborted",http_request_method="POST",url_scheme="http"': 1,
    });
    await app.end();
  });
});

describe('a shutdown of the app with its backend down', () => {
  it('shares one flush time between the signal and the end', async () => {
    const receiver = await startOtlpReceiver();
    receiver.answer = { kind: 'hang' };
    const app = new AppProcess(
      `import http from 'node:http';
      const server = http.createServer((_q, r) => r.end()).listen(0, '127.0.0.1', async () => {
        await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } });
        console.log('ready');
      });
      let ends = 0;
      process.on('beforeExit', () => console.log('end ' + ++ends));
      process.once('SIGTERM', () => server.close());`,
      {
        // Long enough for a busy machine to send the request that is never answered.
        flags: flushing(4000),
        env: {
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
        },
      },
    );
    await app.line('stdout', /^ready$/);
    assert.deepEqual(await app.end('SIGTERM'), { code: 0, signal: null });
    assert.equal(receiver.requests.length, 1);
    assert.deepEqual(app.stdout, ['ready', 'end 1']);
    await receiver.close();
  });
});
