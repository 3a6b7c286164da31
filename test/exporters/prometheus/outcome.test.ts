import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotListen, ownedByOther, takenByApp } from '../../../src/exporters/prometheus/outcome.ts';

const GOES_ON =
  'The metrics of this process are not served; the app goes on. Set OTEL_EXPORTER_PROMETHEUS_HOST and ' +
  'OTEL_EXPORTER_PROMETHEUS_PORT to choose another address.';

for (const [code, reason] of [
  ['EADDRINUSE', 'the port is already in use'],
  ['EACCES', 'this process may not listen on that port'],
  ['EADDRNOTAVAIL', 'this machine does not have that address'],
  ['ENOTFOUND', 'the host name is not known'],
  ['EMFILE', 'listen EMFILE'],
] as const) {
  test(`${code} is logged with its reason`, () => {
    const error = Object.assign(new Error(`listen ${code}`), { code });
    assert.equal(cannotListen('[::1]:9464', error), `cannot listen on [::1]:9464: ${reason}. ${GOES_ON}`);
  });
}

test('an endpoint of another service is logged with its owner', () => {
  const owner = {
    service: 'billing',
    group: 'g',
    epoch: 'e',
    id: '7-0-a',
    pid: 7,
    format: 2,
    endpoint: { network: '', host: 'localhost', port: 9464 },
    address: 'loopback',
  };
  assert.equal(
    ownedByOther('localhost:9464', owner),
    `cannot listen on localhost:9464: it belongs to the service billing, process 7. ${GOES_ON}`,
  );
});

test('a port that the app takes is logged', () => {
  assert.equal(takenByApp(9464), `the app takes port 9464 for itself. ${GOES_ON}`);
});
