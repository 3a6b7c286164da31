import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from './app-process.ts';

const COUNT = 'http_client_request_duration_seconds_count';
const ON = { ROUTEMETER_HTTP_CLIENT: 'true' };

async function calls(app: AppProcess, path: string, times = 1): Promise<void> {
  const url = encodeURIComponent(`${await app.url()}${path}`);
  assert.equal((await app.get(`/calls?times=${times}&url=${url}`)).status, 200);
}

describe('outgoing requests of an app', () => {
  it('are measured when asked for, by node:http and by fetch', async () => {
    const app = new AppProcess('http-client.mjs', { env: ON });
    await calls(app, '/', 2);
    await calls(app, '/missing');
    const port = new URL(await app.url()).port;
    assert.deepEqual(samples(await app.scrape(), COUNT), {
      [`http_request_method="GET",http_response_status_code="200",server_address="127.0.0.1",server_port="${port}"`]: 4,
      [`error_type="404",http_request_method="GET",http_response_status_code="404",server_address="127.0.0.1",server_port="${port}"`]: 2,
    });
  });
});
