import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceId } from '../../src/group/instance-id.ts';

test('a UUID of version 5, as `uuid.uuid5(namespace, name)` of Python makes it', () => {
  assert.equal(instanceId('telemetry'), '940780a0-eb9d-5548-9a32-c1e0d507a739');
});
