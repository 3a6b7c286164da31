import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AppProcess, REGISTER, requestCounts } from '../app-process.ts';

const ABSOLUTE = fileURLToPath(new URL('../../dist/register.js', import.meta.url));

describe('the preload', () => {
  const ways: [name: string, options: { flags: string[]; env?: Record<string, string> }][] = [
    ['--import routemeter/register', { flags: ['--import', REGISTER] }],
    ['--import of an absolute path', { flags: ['--import', ABSOLUTE] }],
    ['-r routemeter/register', { flags: ['-r', REGISTER] }],
    ['-r of an absolute path', { flags: ['-r', ABSOLUTE] }],
    ['NODE_OPTIONS with --import', { flags: [], env: { NODE_OPTIONS: `--import ${REGISTER}` } }],
    ['NODE_OPTIONS with -r', { flags: [], env: { NODE_OPTIONS: `-r ${REGISTER}` } }],
    ['--import twice', { flags: ['--import', REGISTER, '--import', ABSOLUTE] }],
    ['--import and -r together', { flags: ['-r', REGISTER, '--import', REGISTER] }],
  ];
  for (const [name, options] of ways) {
    // Frameworks are tried once for each flag, module systems in every way.
    const frameworks = options.flags.length === 2 && options.flags[1] === REGISTER;
    for (const program of ['http.mjs', 'http.cjs', ...(frameworks ? ['express.mjs', 'fastify.mjs'] : [])]) {
      it(`by ${name} measures ${program}`, async () => {
        const app = new AppProcess(program, options);
        await app.get('/');
        const route = /^http/.test(program) ? '-' : '/';
        assert.deepEqual(requestCounts(await app.scrape()), { [`GET ${route} 200`]: 1 });
        assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
      });
    }
  }

  it('is not needed by an app that calls start()', async () => {
    const app = new AppProcess(
      `import { start, stop } from 'routemeter';
      start({ prometheus: { port: 0 }, serviceName: 'by-hand' });
      const { createServer } = await import('node:http');
      const server = createServer((req, res) => {
        res.end('ok');
        if (req.url === '/stop') { server.close(); stop().then(() => console.log('stopped')); }
      }).listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port));`,
      { flags: [] },
    );
    await app.get('/');
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
    assert.match((await app.line('stderr', /by-hand/))[0], /by-hand/);
    const endpoint = await app.endpoint();
    await app.get('/stop', { headers: { connection: 'close' } });
    await app.line('stdout', /^stopped$/);
    await assert.rejects(fetch(endpoint));
    assert.deepEqual(await app.ended, { code: 0, signal: null });
  });

  it('logs that start() was called a second time', async () => {
    const app = new AppProcess(
      `import { start } from 'routemeter';\nstart({ exporters: ['console'] });\nstart();`,
      {
        flags: [],
      },
    );
    await app.ended;
    assert.equal(app.stderr.filter((line) => /already measuring/.test(line)).length, 1);
  });

  for (const name of ['OTEL_SDK_DISABLED', 'ROUTEMETER_DISABLED']) {
    it(`loads nothing further with ${name}=true`, async () => {
      const app = new AppProcess(
        `import http from 'node:http';
      import { createRequire } from 'node:module';
      const server = http.createServer((_req, res) => res.end('ok')).listen(0, async () => {
        await fetch('http://127.0.0.1:' + server.address().port);
        server.close();
        console.log(JSON.stringify(Object.keys(createRequire(process.cwd() + '/x.js').cache)));
        console.log(Symbol.for('opentelemetry.js.api.1') in globalThis);
      });`,
        { env: { [name]: 'true' } },
      );
      await app.ended;
      assert.deepEqual(app.stderr, []);
      assert.equal(app.stdout[1], 'false');
    });
  }

  it('measures with variables of its own where those of OpenTelemetry are meant for another SDK', async () => {
    const app = new AppProcess('http.mjs', {
      env: {
        OTEL_SDK_DISABLED: 'true',
        OTEL_METRICS_EXPORTER: 'zipkin',
        ROUTEMETER_DISABLED: 'false',
        ROUTEMETER_EXPORTER: 'prometheus',
      },
    });
    await app.get('/');
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });
});

describe('start() after', () => {
  it('a configuration that was wrong uses the options that it is given', async () => {
    const app = new AppProcess(
      `import http from 'node:http';
      import { start } from 'routemeter';
      http.createServer((_q, r) => r.end('ok')).listen(0, '127.0.0.1', function () {
        setImmediate(() => {
          start({ prometheus: { port: 0 }, cardinalityLimit: 100 });
          console.log('http://127.0.0.1:' + this.address().port);
        });
      });`,
      { env: { ROUTEMETER_CARDINALITY_LIMIT: 'many' } },
    );
    await app.line('stderr', /ROUTEMETER_CARDINALITY_LIMIT="many"/);
    const endpoint = await app.endpoint();
    await app.get('/');
    assert.deepEqual(requestCounts(await (await fetch(endpoint)).text()), { 'GET - 200': 1 });
    await app.end();
  });
});
