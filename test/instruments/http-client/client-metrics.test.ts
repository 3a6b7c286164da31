import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DataPointType, MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Config } from '../../../src/config/config.ts';
import { createLog } from '../../../src/guest/log.ts';
import type { Call } from '../../../src/instruments/http-client/attributes.ts';
import { createClientMetrics, type RecordCall } from '../../../src/instruments/http-client/client-metrics.ts';
import { createBounds } from '../../../src/views/admission/bounds.ts';
import { createViews } from '../../../src/views/views.ts';
import { DEFAULT_CONFIG } from '../../config/default-config.ts';
import { MemoryReader } from '../../views/memory-reader.ts';

const CALL: Call = {
  address: 'a.example',
  port: 443,
  method: 'GET',
  status: 200,
  errorType: undefined,
  scheme: 'https',
  protocolVersion: '1.1',
};

/** What is collected of the calls that are made, and what is said meanwhile. */
async function measure(given: Partial<Config>, drive: (record: RecordCall) => void) {
  const config = { ...DEFAULT_CONFIG, ...given };
  const reader = new MemoryReader();
  const sdk = new MeterProvider({ views: createViews(config), readers: [reader] });
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  const bounds = createBounds({ limit: config.cardinalityLimit, warn: (message) => log.warn(message) });
  drive(createClientMetrics(sdk.getMeter('routemeter'), config, bounds));
  const { resourceMetrics } = await reader.collect();
  const [metric, ...others] = resourceMetrics.scopeMetrics[0]?.metrics ?? [];
  assert.deepEqual(others, []);
  assert.ok(metric?.dataPointType === DataPointType.HISTOGRAM);
  return { descriptor: metric.descriptor, points: metric.dataPoints, lines };
}

describe('http.client.request.duration', () => {
  it('is a histogram in seconds, on the boundaries of the conventions', async () => {
    const { descriptor, points } = await measure({}, (record) => record(0.02, CALL));
    assert.equal(descriptor.name, 'http.client.request.duration');
    assert.equal(descriptor.unit, 's');
    assert.equal(points[0]?.value.sum, 0.02);
    assert.deepEqual(
      points[0]?.value.buckets.boundaries,
      [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    );
  });

  const attributesOf = async (given: Partial<Config>, call: Call): Promise<unknown> => {
    const { points } = await measure(given, (record) => record(1, call));
    return points.map(({ attributes }) => attributes);
  };

  it('accepts its own boundaries', async () => {
    const buckets = [{ instrument: 'http.client.*', boundaries: [1, 2] }];
    const { points } = await measure({ buckets }, (record) => record(0.02, CALL));
    assert.deepEqual(points[0]?.value.buckets.boundaries, [1, 2]);
  });

  const required = {
    'http.request.method': 'GET',
    'http.response.status_code': 200,
    'server.address': 'a.example',
    'server.port': 443,
  };

  it('has the attributes that the conventions require', async () => {
    assert.deepEqual(await attributesOf({}, CALL), [required]);
  });

  it('has no attribute that a request lacks', async () => {
    const refused = { ...CALL, status: undefined, errorType: 'ECONNREFUSED', port: undefined };
    assert.deepEqual(await attributesOf({}, refused), [
      { 'error.type': 'ECONNREFUSED', 'http.request.method': 'GET', 'server.address': 'a.example' },
    ]);
  });

  it('has more or fewer if configured', async () => {
    const kept = ['url.scheme', 'network.*'].map((attribute) => ({ attribute, keep: true }));
    const attributes = [...kept, { attribute: 'server.port', keep: false }];
    const { 'server.port': _, ...others } = required;
    assert.deepEqual(await attributesOf({ attributes }, CALL), [
      { ...others, 'network.protocol.version': '1.1', 'url.scheme': 'https' },
    ]);
  });

  it("is bounded: a crawler's hosts end in one series, logged once, and no request is lost", async () => {
    const { points, lines } = await measure({ cardinalityLimit: 20 }, (record) => {
      for (let i = 0; i < 1000; i++) record(1, { ...CALL, address: `${i}.example` });
    });
    assert.equal(points.length, 16);
    assert.equal(
      points.reduce((sum, { value }) => sum + value.count, 0),
      1000,
    );
    assert.equal(
      points.find(({ attributes }) => attributes['server.address'] === '_OTHER')?.value.count,
      985,
    );
    assert.deepEqual(lines, [
      'routemeter: http.client.request.duration has 15 series, and server.address alone has 15 values: new series now ' +
        'get "_OTHER" for it, to stay within ROUTEMETER_CARDINALITY_LIMIT=20\n',
    ]);
  });
});
