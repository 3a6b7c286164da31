import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { AppProcess, requestCounts, samples } from '../app-process.ts';
import { makeCertificates } from '../receivers/certificates.ts';

const COUNT = 'http_server_request_duration_seconds_count';

const active = (exposition: string): number =>
  Object.values(samples(exposition, 'http_server_active_requests')).reduce((sum, count) => sum + count, 0);

for (const engine of ['lean', 'otel']) {
  describe(`requests, measured by the ${engine} engine`, () => {
    it('are one observation each, except for ignored ones and scrapes', async () => {
      const app = new AppProcess('http.mjs', {
        env: {
          ROUTEMETER_HTTP_ENGINE: engine,
          ROUTEMETER_ROUTES: '/status/:code,/files/*,/secret/:id',
          ROUTEMETER_IGNORE: '/secret/:id,/internal/*',
          ROUTEMETER_ATTRIBUTES: '+network.protocol.version',
        },
      });
      const url = await app.url();
      for (const path of ['/?query=secret', '/status/404', '/files/a/b', '/secret/1', '/internal/x?y']) {
        await app.get(path);
      }
      await app.get('/made/up/path', { method: 'POST', body: 'x' });
      await app.get('/status/503', { method: 'DELETE' });
      await app.get('/', { method: 'HEAD' });
      const [response] = await once(request(url, { method: 'PROPFIND' }).end(), 'response');
      response.resume();
      const refused = connect(Number(new URL(url).port), '127.0.0.1')
        .resume()
        .end('nonsense\r\n\r\n');
      await once(refused, 'close');
      const hanging = request(new URL('/hang', url)).on('error', () => undefined);
      hanging.end();
      await app.scrapeUntil((exposition) => active(exposition) === 1);
      hanging.destroy();
      const half = request(new URL('/half', url)).on('error', () => undefined);
      const [begun] = await once(half.end(), 'response');
      begun.on('error', () => undefined).once('data', () => half.destroy());
      // Node.js closes this socket without an event, and is busy with it for good.
      await assert.rejects(app.get('/reset'));
      const exposition = await app.scrapeUntil((text) => active(text) === 0);
      assert.deepEqual(samples(exposition, COUNT), {
        'http_request_method="GET",http_response_status_code="200",network_protocol_version="1.1",url_scheme="http"': 1,
        'http_request_method="GET",http_response_status_code="404",http_route="/status/:code",network_protocol_version="1.1",url_scheme="http"': 1,
        'http_request_method="GET",http_response_status_code="200",http_route="/files/*",network_protocol_version="1.1",url_scheme="http"': 1,
        'http_request_method="POST",http_response_status_code="200",network_protocol_version="1.1",url_scheme="http"': 1,
        'error_type="503",http_request_method="DELETE",http_response_status_code="503",http_route="/status/:code",network_protocol_version="1.1",url_scheme="http"': 1,
        'http_request_method="HEAD",http_response_status_code="200",network_protocol_version="1.1",url_scheme="http"': 1,
        'http_request_method="_OTHER",http_response_status_code="200",network_protocol_version="1.1",url_scheme="http"': 1,
        'error_type="malformed",http_request_method="_OTHER",http_response_status_code="400",network_protocol_version="1.1",url_scheme="http"': 1,
        'error_type="aborted",http_request_method="GET",network_protocol_version="1.1",url_scheme="http"': 1,
        'error_type="aborted",http_request_method="GET",http_response_status_code="200",network_protocol_version="1.1",url_scheme="http"': 1,
        'error_type="destroyed",http_request_method="GET",network_protocol_version="1.1",url_scheme="http"': 1,
      });
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
      await app.end();
    });
  });
}

const certificates = makeCertificates();

describe('requests', { skip: certificates === undefined && 'no openssl' }, () => {
  it('to an HTTPS server have its scheme', async () => {
    const app = new AppProcess('http.mjs', { env: { PROTOCOL: 'https', ...certificates?.server.files } });
    const url = await app.url();
    const asked = requestTls(url, { rejectUnauthorized: false, agent: false }).end();
    const [response] = await once(asked, 'response');
    await once(response.resume(), 'end');
    assert.deepEqual(samples(await app.scrape(), COUNT), {
      'http_request_method="GET",http_response_status_code="200",url_scheme="https"': 1,
    });
  });
});

/** Every version in one process; each is asked for each path. */
const FRAMEWORKS: readonly (readonly [
  name: string,
  versions: readonly string[],
  counts: Readonly<Record<string, string>>,
])[] = [
  [
    'express',
    ['express', 'express51', 'express50', 'express4'],
    {
      '/': 'GET / 200',
      '/users/1': 'GET /users/:id 200',
      '/users/1/posts/2': 'GET /users/:user/posts/:post 200',
      '/nowhere/3': 'GET - 404',
      '/fails': 'GET /fails 500',
    },
  ],
  [
    'fastify',
    ['fastify', 'fastify4', 'fastify40'],
    {
      '/': 'GET / 200',
      '/users/1/posts/2': 'GET /users/:user/posts/:post 200',
      '/users/gone/3': 'GET /users/gone/:user 404',
      '/nowhere': 'GET - 404',
      '/users/fails': 'GET /users/fails 500',
    },
  ],
];

describe('routes', () => {
  for (const [name, versions, asked] of FRAMEWORKS) {
    it(`of ${versions.join(', ')}, without any other log line`, async () => {
      const app = new AppProcess(`${name}.mjs`, { env: { [name.toUpperCase()]: versions.join(' ') } });
      const servers = await app.lines('stdout', /http:\S+/, versions.length);
      for (const [url] of servers) {
        for (const path of Object.keys(asked)) await (await fetch(new URL(path, url))).text();
      }
      assert.deepEqual(
        requestCounts(await app.scrape()),
        Object.fromEntries(Object.values(asked).map((count) => [count, versions.length])),
      );
      assert.equal(app.stderr.length, 1, app.stderr.join('\n'));
    });
  }
});
