import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptsGzip } from '../../../src/exporters/prometheus/response.ts';

const headers: readonly (readonly [header: string | undefined, accepted: boolean])[] = [
  [undefined, false],
  ['deflate, GZIP;q=0.5', true],
  ['br', false],
  ['gzip;q=0', false],
  ['gzip;q=0, *', false],
  ['*', true],
  ['*;q=0', false],
  ['gzip;q=nonsense', false],
];

for (const [header, accepted] of headers) {
  test(`Accept-Encoding ${JSON.stringify(header)} ${accepted ? 'takes' : 'does not take'} gzip`, () =>
    assert.equal(acceptsGzip(header), accepted));
}
