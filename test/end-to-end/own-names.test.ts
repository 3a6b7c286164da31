import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

const APP = `
  import http from 'node:http';
  import { count, metered, observe, time } from 'routemeter';
  const request = () => 'ok';
  http.createServer((req, res) => {
    count('routemeter.collect.errors');
    count('routemeter_collect_errors');
    observe('http.server.request.duration', 5);
    observe('http.server.request.duration.seconds', 5);
    time('http_server_request_duration', () => {});
    count('http.server.active_requests');
    res.end(metered(request, 'process.cpu.time')());
  }).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port + '/'); });
`;

describe('reserved names', () => {
  it('are refused to the in-request API with one line each, and our series are unchanged', async () => {
    const app = new AppProcess(APP);
    for (let i = 0; i < 2; i++) assert.equal((await app.get('/')).body, 'ok');
    const exposition = await app.scrape();
    assert.deepEqual(samples(exposition, 'http_server_request_duration_seconds_count'), {
      'http_request_method="GET",http_response_status_code="200",url_scheme="http"': 2,
    });
    assert.deepEqual(samples(exposition, 'routemeter_collect_errors_total'), { '': 0 });
    assert.deepEqual(samples(exposition, 'http_server_active_requests_total'), {});
    assert.deepEqual(
      app.stderr.filter((line) => line.includes('is not measured')),
      [
        `"routemeter.collect.errors" is not measured: it has a name that is reserved for routemeter's own metrics`,
        '"http.server.request.duration" is not measured: it has the name of the metric http.server.request.duration',
        '"http.server.active_requests" is not measured: it has the name of the metric http.server.active_requests',
        '"process.cpu.time" is not measured: it has the name of the metric process.cpu.time',
      ].map((line) => `routemeter: ${line}`),
    );
  });
});
