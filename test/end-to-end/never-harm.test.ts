import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { PLACES, type Place } from '../../src/guest/guard.ts';
import { AppProcess, appPath, REGISTER } from '../app-process.ts';
import { freePort } from '../ports.ts';

const FLAGS = ['--import', pathToFileURL(appPath('faults.mjs')).href, '--import', REGISTER];

describe('an exception in one of our callbacks', () => {
  /** Variables for places that the program below passes only in some configurations. */
  const env: Partial<Record<Place, Record<string, string>>> = {
    push: { OTEL_METRICS_EXPORTER: 'console', OTEL_METRIC_EXPORT_INTERVAL: '1' },
    exit: { OTEL_METRICS_EXPORTER: 'console' },
    'http.client': { ROUTEMETER_HTTP_CLIENT: 'true' },
    'otel.record': { ROUTEMETER_HTTP_ENGINE: 'otel' },
  };
  const expected = [
    'instruments made',
    '200 orders of 1',
    '200 called 1',
    '200 called 2',
    '200 item 3 of the shop',
    '404',
    'aborted',
    'HTTP/1.1 101 Switching Protocols',
    '200 item 2',
    'registered true',
    'last 200 orders of 2',
  ];

  it('is tested with an app that runs every place', async () => {
    const app = new AppProcess('all-places.mjs', { flags: [] });
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    assert.deepEqual(app.stdout, expected);
  });

  for (const place of PLACES.filter((name) => name !== 'signal')) {
    it(`at ${place} changes nothing for the app, and is logged once`, async () => {
      const port = String(await freePort());
      const app = new AppProcess('all-places.mjs', {
        flags: FLAGS,
        env: {
          FAULTS: place,
          OTEL_EXPORTER_PROMETHEUS_PORT: port,
          SCRAPE: `http://localhost:${port}/metrics`,
          ...env[place],
        },
      });
      assert.deepEqual(await app.ended, { code: 0, signal: null });
      assert.deepEqual(app.stdout, expected);
      const said = app.stderr.filter((line) => line.includes('internal error'));
      assert.deepEqual(said, [
        `routemeter: internal error at ${place}, the app is not affected: injected at ${place}`,
      ]);
    });
  }

  it('at signal still lets the signal end the process', async () => {
    const app = new AppProcess('http.mjs', {
      flags: FLAGS,
      env: { FAULTS: 'signal', OTEL_METRICS_EXPORTER: 'console' },
    });
    await app.line('stderr', /measuring/);
    assert.deepEqual(await app.end('SIGTERM'), { code: null, signal: 'SIGTERM' });
    assert.equal(app.stderr.filter((line) => line.includes('internal error at signal')).length, 1);
  });

  it('everywhere at once changes nothing either', async () => {
    const app = new AppProcess('all-places.mjs', { flags: FLAGS, env: { FAULTS: PLACES.join() } });
    assert.deepEqual(await app.ended, { code: 0, signal: null });
    assert.deepEqual(app.stdout, expected);
  });
});
