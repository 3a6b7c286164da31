/** What docs/http-client.md says, held against the sources and the tests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ATTRIBUTES } from '../../../src/instruments/http-client/attributes.ts';
import { read, table } from '../../docs/pages.ts';

const page = 'docs/http-client.md';

describe(page, () => {
  it('has every attribute, and which are there by default', () =>
    assert.deepEqual(
      table(page, '| Attribute | By default | Value |').map(([name, required]) => [name, required === 'yes']),
      ATTRIBUTES.map(({ name, required }) => [name, required]),
    ));

  it('has the tested differences to @opentelemetry/instrumentation-http', () => {
    const source = read('test/instruments/http-client/conformance.test.ts').split('const DIFFERENT')[1] ?? '';
    const tested = [...source.matchAll(/^ {2,4}\[?'(an? .+?)',/gm)].map(([, what]) => what);
    assert.ok(tested.length > 0);
    const written = read(page)
      .split('no data point at all:')[1]
      ?.split('\n## ')[0]
      ?.match(/(?<=^- ).+$/gm);
    assert.deepEqual(written, tested);
  });
});
