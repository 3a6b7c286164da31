import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';

const ACTIVE = 'http_server_active_requests';
const COUNT = 'http_server_request_duration_seconds_count';

const active = (exposition: string): number =>
  Object.values(samples(exposition, ACTIVE)).reduce((sum, count) => sum + count, 0);

describe('one observation a request', () => {
  it('with its method, scheme and status', async () => {
    const app = new AppProcess('http.mjs');
    await app.get('/?query=secret');
    await app.get('/made/up/path', { method: 'POST', body: 'x' });
    await app.get('/status/404');
    await app.get('/status/503', { method: 'DELETE' });
    await app.get('/', { method: 'HEAD' });
    const exposition = await app.scrape();
    assert.deepEqual(samples(exposition, COUNT), {
      'http_request_method="GET",http_response_status_code="200",url_scheme="http"': 1,
      'http_request_method="POST",http_response_status_code="200",url_scheme="http"': 1,
      'http_request_method="GET",http_response_status_code="404",url_scheme="http"': 1,
      'error_type="503",http_request_method="DELETE",http_response_status_code="503",url_scheme="http"': 1,
      'http_request_method="HEAD",http_response_status_code="200",url_scheme="http"': 1,
    });
    assert.equal(active(exposition), 0);
  });

  it('on https', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'routemeter-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
    execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const app = new AppProcess('http.mjs', { env: { PROTOCOL: 'https', KEY: key, CERT: cert } });
    const url = await app.url();
    rmSync(folder, { recursive: true });
    const { request: requestTls } = await import('node:https');
    const [response] = await once(
      requestTls(url, { rejectUnauthorized: false, agent: false }).end(),
      'response',
    );
    response.resume();
    await once(response, 'end');
    assert.deepEqual(samples(await app.scrape(), COUNT), {
      'http_request_method="GET",http_response_status_code="200",url_scheme="https"': 1,
    });
  });

  it('on many requests over one connection, pipelined ones too', async () => {
    const app = new AppProcess('http.mjs');
    const { port } = new URL(await app.url());
    const socket = connect(Number(port), '127.0.0.1');
    const get = (path: string, last = false): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`;
    socket.end(get('/') + get('/status/201') + get('/') + get('/status/404', true));
    socket.resume();
    await once(socket, 'close');
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 2, 'GET - 201': 1, 'GET - 404': 1 });
  });

  it('of an unknown method as _OTHER', async () => {
    const app = new AppProcess('http.mjs');
    const [response] = await once(request(await app.url(), { method: 'PROPFIND' }).end(), 'response');
    response.resume();
    await once(response, 'end');
    assert.deepEqual(requestCounts(await app.scrape()), { '_OTHER - 200': 1 });
  });

  it('without a status when the client goes away before the response begins', async () => {
    const app = new AppProcess('http.mjs');
    const hanging = request(new URL('/hang', await app.url())).end();
    hanging.on('error', () => undefined);
    await app.scrapeUntil((exposition) => active(exposition) === 1);
    hanging.destroy();
    const exposition = await app.scrapeUntil((text) => active(text) === 0);
    assert.deepEqual(samples(exposition, COUNT), {
      'error_type="aborted",http_request_method="GET",url_scheme="http"': 1,
    });
  });

  it('with the status that was sent when the client goes away in the middle of the response', async () => {
    const app = new AppProcess('http.mjs');
    const half = request(new URL('/half', await app.url())).end();
    const [response] = await once(half, 'response');
    await once(response, 'data');
    half.on('error', () => undefined);
    response.on('error', () => undefined);
    half.destroy();
    const exposition = await app.scrapeUntil((text) => requestCounts(text)['GET - 200'] === 1);
    assert.deepEqual(requestCounts(exposition), { 'GET - 200': 1 });
  });

  it('when the server destroys the connection', async () => {
    const app = new AppProcess('http.mjs');
    await assert.rejects(app.get('/destroy'));
    const exposition = await app.scrapeUntil((text) => Object.keys(requestCounts(text)).length > 0);
    assert.deepEqual(requestCounts(exposition), { 'GET - -': 1 });
  });

  it('of hostile requests adds none for what Node refuses, and harms nothing', async () => {
    const app = new AppProcess('http.mjs');
    const { port } = new URL(await app.url());
    const hostile = [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
      'GET //evil:99999/%ff%00?<script> HTTP/1.0\r\nX-Forwarded-Host: a"b\\c\r\n\r\n',
    ];
    for (const bytes of hostile) {
      const socket = connect(Number(port), '127.0.0.1');
      socket.end(bytes);
      socket.resume();
      await once(socket, 'close');
    }
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });

  it('but none of the endpoint itself', async () => {
    const app = new AppProcess('http.mjs');
    await app.get('/');
    for (let i = 0; i < 3; i++) await app.scrape();
    assert.deepEqual(requestCounts(await app.scrape()), { 'GET - 200': 1 });
  });

  it('and none for what ROUTEMETER_IGNORE names', async () => {
    const app = new AppProcess('express.mjs', { env: { ROUTEMETER_IGNORE: '/users/:id,/internal/*' } });
    for (const path of ['/', '/users/1', '/internal/x?y', '/users/1/posts/2']) await app.get(path);
    assert.deepEqual(requestCounts(await app.scrape()), {
      'GET / 200': 1,
      'GET /users/:user/posts/:post 200': 1,
    });
  });
});

describe('routes', () => {
  for (const version of ['express', 'express51', 'express50', 'express4']) {
    it(`of ${version}`, async () => {
      const app = new AppProcess('express.mjs', { env: { EXPRESS: version } });
      for (const path of ['/', '/users/1', '/users/2', '/users/1/posts/2', '/nowhere/3', '/fails'])
        await app.get(path);
      assert.deepEqual(requestCounts(await app.scrape()), {
        'GET / 200': 1,
        'GET /users/:id 200': 2,
        'GET /users/:user/posts/:post 200': 1,
        'GET - 404': 1,
        'GET /fails 500': 1,
      });
    });
  }

  for (const version of ['fastify', 'fastify4', 'fastify40']) {
    it(`of ${version}, without a word of its own`, async () => {
      const app = new AppProcess('fastify.mjs', { env: { FASTIFY: version } });
      for (const path of ['/', '/users/1/posts/2', '/users/gone/3', '/nowhere', '/users/fails'])
        await app.get(path);
      assert.deepEqual(requestCounts(await app.scrape()), {
        'GET / 200': 1,
        'GET /users/:user/posts/:post 200': 1,
        'GET /users/gone/:user 404': 1,
        'GET - 404': 1,
        'GET /users/fails 500': 1,
      });
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    });
  }

  it('of an app that routes by hand, by ROUTEMETER_ROUTES', async () => {
    const app = new AppProcess('http.mjs', { env: { ROUTEMETER_ROUTES: '/status/:code,/files/*' } });
    for (const path of ['/status/201', '/files/a/b', '/other']) await app.get(path);
    assert.deepEqual(requestCounts(await app.scrape()), {
      'GET /status/:code 201': 1,
      'GET /files/* 200': 1,
      'GET - 200': 1,
    });
  });
});
