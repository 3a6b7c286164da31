import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip } from '../../../src/exporters/prometheus/response.ts';

for (const header of ['deflate, GZIP;q=0.5', '*']) {
  test(`Accept-Encoding ${header} takes gzip`, () => assert.equal(acceptsGzip(header), true));
}

for (const header of [undefined, 'br', 'gzip;q=0', 'gzip;q=0, *', '*;q=0', 'gzip;q=nonsense']) {
  test(`Accept-Encoding ${header} does not take gzip`, () => assert.equal(acceptsGzip(header), false));
}
