import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMeasuredHere } from '../../../src/instruments/app/duplicates.ts';

type Enabled = Parameters<typeof isMeasuredHere>[2];

const NONE: Enabled = {
  httpEnabled: false,
  httpClientEnabled: false,
  fetchEnabled: false,
  runtimeEnabled: false,
};
const NAMESPACE = '@opentelemetry';

/** [scope, instrument, what must be measured here for it to be dropped; nothing drops it if undefined] */
const CASES: readonly (readonly [string, string, keyof Enabled | undefined])[] = [
  ['instrumentation-http', 'http.server.request.duration', 'httpEnabled'],
  ['instrumentation-http', 'http.client.request.duration', 'httpClientEnabled'],
  ['instrumentation-undici', 'http.client.request.duration', 'fetchEnabled'],
  ['instrumentation-runtime-node', 'nodejs.eventloop.utilization', 'runtimeEnabled'],
  ['instrumentation-runtime-node', 'v8js.gc.duration', 'runtimeEnabled'],
  ['host-metrics', 'process.cpu.time', 'runtimeEnabled'],
  ['host-metrics', 'system.cpu.time', undefined],
  ['instrumentation-pg', 'db.client.operation.duration', undefined],
  ['instrumentation-other', 'http.client.request.duration', undefined],
];

describe('an instrument of the app', () => {
  for (const [scope, instrument, which] of CASES) {
    it(`${scope} ${instrument} is ${which === undefined ? 'always kept' : `dropped for ${which} only`}`, () => {
      const dropped = Object.keys(NONE).filter((name) =>
        isMeasuredHere(`${NAMESPACE}/${scope}`, instrument, { ...NONE, [name]: true }),
      );
      assert.deepEqual(dropped, which === undefined ? [] : [which]);
    });
  }
});
