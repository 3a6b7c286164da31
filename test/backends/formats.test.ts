import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FORMATS } from '../../src/exporters/prometheus/formats/index.ts';
import { openMetrics001, openMetrics100 } from '../../src/exporters/prometheus/formats/open-metrics.ts';
import { protobuf } from '../../src/exporters/prometheus/formats/protobuf.ts';
import { text004, text100 } from '../../src/exporters/prometheus/formats/text.ts';
import { contentType, negotiate } from '../../src/exporters/prometheus/negotiation/negotiate.ts';
import { attributes, labels, metrics } from '../exporters/prometheus/arbitrary.ts';
import { collected, formatWriter } from '../exporters/prometheus/metrics.ts';
import { ACCEPT_HEADERS, acceptHeader } from '../exporters/prometheus/negotiation/headers.ts';
import { LONG } from '../length.ts';
import fc from '../property.ts';
import { missing } from './needed.ts';
import { ClientPython, Expfmt } from './parsers.ts';

const skip = missing('expfmt', 'client-python');
const RUNS = LONG ? 2_000 : 200;

/** Of a type whose answer need not name the escaping, expfmt's names it nevertheless. */
const chosen = (accept: string): string => {
  const { format, escaping } = negotiate(accept, FORMATS);
  const type = contentType({ format, escaping });
  return format.namesEscaping ? type : `${type}; escaping=${escaping}`;
};

test('the format and the escaping are those that Prometheus’ Go client chooses', { skip }, async () => {
  await using go = new Expfmt();
  for (const accept of ACCEPT_HEADERS) assert.equal(chosen(accept), await go.negotiate(accept), accept);
  await fc.assert(
    fc.asyncProperty(acceptHeader, async (accept) =>
      assert.equal(chosen(accept), await go.negotiate(accept)),
    ),
    { numRuns: 10 * RUNS },
  );
});

const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const PROTOBUF =
  'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';

for (const escaping of ['underscores', 'dots', 'values', 'allow-utf-8'] as const) {
  test(`whatever is collected, each format has the same samples: ${escaping}`, { skip }, async () => {
    await using go = new Expfmt();
    await using python = new ClientPython();
    await fc.assert(
      fc.asyncProperty(metrics, metrics, attributes, labels, async (first, second, resource, defaults) => {
        const all = collected(
          [
            [{ name: 'app' }, first],
            [{ name: 'lib', version: '1' }, second],
          ],
          resource,
        );
        const write = (format: typeof text004) =>
          formatWriter(format, { labels: defaults, names: 'utf-8', escaping })(all);
        const expected = await go.samples(`${PROTOBUF}; escaping=${escaping}`, write(protobuf).bytes);
        assert.deepEqual(
          await go.samples(`${TEXT}; escaping=${escaping}`, write(text100).bytes),
          expected,
          'expfmt, text',
        );
        // Text 0.0.4 never has names in UTF-8.
        if (escaping !== 'allow-utf-8') {
          assert.deepEqual(await python.samples(TEXT, write(text004).text), expected, 'python, text');
        }
        for (const format of [openMetrics100, openMetrics001]) {
          assert.deepEqual(await python.samples(OPEN_METRICS, write(format).text), expected, 'OpenMetrics');
        }
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });
}
