/** Measurements of requests that are open when the process ends or stops. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AppProcess, PATIENT } from '../../app-process.ts';
import { type OtlpReceiver, type ReceivedPoint, startOtlpReceiver } from '../../receivers/otlp.ts';

const PROGRAM = `
  import express from 'express';
  import { count, tag, time } from 'routemeter';
  import { stop } from 'routemeter/start';
  const app = express();
  app.get('/stream/:id', (req, res) => {
    tag('plan', 'pro');
    count('event', 2);
    time('render', () => 1);
    res.write('open');
  });
  app.get('/stop', () => stop().then(() => process.exit()));
  const server = app.listen(0, '127.0.0.1', () => console.log('http://127.0.0.1:' + server.address().port + '/'));
`;

const env = (receiver: OtlpReceiver): Record<string, string> => ({
  ROUTEMETER_TAGS: 'plan=free,pro',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
});

const ofApp = ({ scope }: ReceivedPoint): boolean => scope === 'routemeter/app';

async function pushedAt(
  end: (app: AppProcess) => void,
): Promise<{ readonly points: readonly ReceivedPoint[] }> {
  const receiver = await startOtlpReceiver();
  const app = new AppProcess(PROGRAM, { flags: PATIENT, env: env(receiver) });
  const response = await fetch(new URL('/stream/7', await app.url()));
  end(app);
  await Promise.all([app.ended, response.text().catch(() => {})]);
  await receiver.close();
  return receiver.received(1);
}

describe('measurements of an open request are pushed with its route and tags', () => {
  for (const [when, end] of [
    ['at SIGTERM', (app: AppProcess) => void app.child.kill('SIGTERM')],
    ['by stop()', (app: AppProcess) => void app.get('/stop').catch(() => {})],
  ] as const) {
    it(when, async () => {
      const { points } = await pushedAt(end);
      assert.deepEqual(
        points.filter(ofApp).map(({ metric, value, attributes }) => [metric, value, attributes]),
        ['event', 'render'].map((metric) => [
          metric,
          metric === 'event' ? 2 : 1,
          { 'http.route': '/stream/:id', plan: 'pro' },
        ]),
      );
    });
  }
});
