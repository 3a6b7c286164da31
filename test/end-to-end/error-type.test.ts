import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, samples } from '../app-process.ts';

const APP = `
  import http from 'node:http';
  import { time } from 'routemeter';
  class Größenfehler extends Error {}
  const named = (name) => Object.assign(new Error('no'), { name });
  const errors = [new Größenfehler(), named('Not Found'), named('決済エラー'), named('a\\n"b\\\\'), named('x'.repeat(99))];
  const fail = (error) => { try { time('work', () => { throw error; }); } catch {} };
  http.createServer(async (req, res) => {
    if (req.url === '/fail') for (const error of errors) fail(error);
    if (req.url === '/ids') for (let id = 0; id < 200; id++) fail(named('No user ' + id));
    if (req.url === '/abort') await fetch('http://' + req.headers.host + '/hang', { signal: AbortSignal.any([gone.signal]) }).catch(() => {});
    if (req.url === '/hang') return gone.abort(named('Gone\\naway'));
    res.end('ok');
  }).listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port + '/'); });
  const gone = new AbortController();
`;

const types = (exposition: string, metric: string): Record<string, number> =>
  Object.fromEntries(
    Object.entries(samples(exposition, `${metric}_seconds_count`)).map(([labels, count]) => [
      labels.match(/error_type="((?:[^"\\]|\\.)*)"/)?.[1] ?? '-',
      count,
    ]),
  );

describe('error.type', () => {
  const app = new AppProcess(APP, { env: { ROUTEMETER_HTTP_CLIENT: 'true' } });

  it('is the name of a class in any alphabet, on one line, and one of at most a hundred', async () => {
    await app.get('/fail');
    const named = {
      Größenfehler: 1,
      'Not Found': 1,
      決済エラー: 1,
      'a_\\"b\\\\': 1,
      ['x'.repeat(64)]: 1,
    };
    assert.deepEqual(types(await app.scrape(), 'work'), named);
    await app.get('/ids');
    const { _OTHER, ...found } = types(await app.scrape(), 'work');
    assert.equal(Object.keys(found).length, 100);
    assert.equal(_OTHER, 200 - (100 - Object.keys(named).length));
    assert.equal(app.stderr.filter((line) => line.includes('recorded as error.type _OTHER')).length, 1);
  });

  it('of an outgoing request is on one line too', async () => {
    await app.get('/abort');
    assert.deepEqual(types(await app.scrape(), 'http_client_request_duration'), { Gone_away: 1 });
  });
});
