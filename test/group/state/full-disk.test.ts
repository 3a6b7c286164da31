import assert from 'node:assert/strict';
import fs from 'node:fs';
import { describe, test } from 'node:test';
import { createDisk, filesOf, served, sizeOf } from '../member-files.ts';

describe('a full disk', () => {
  test('takes the values of the series that it has, wherever it was full, and the others once there is room', async (t) => {
    const { system: endless } = createDisk();
    const { requests: sample, write: measure, path } = filesOf(t, endless);
    sample.add(1, { route: '/a' });
    await measure();
    const before = sizeOf(path);
    sample.add(1, { route: '/é' });
    await measure();
    const added = sizeOf(path) - before;
    for (let room = 0; room < added; room++) {
      const { disk, system } = createDisk();
      const { requests, write, reader } = filesOf(t, system);
      requests.add(1, { route: '/a' });
      await write();
      disk.room = room;
      for (let total = 2; total <= 3; total++) {
        requests.add(1, { route: '/a' });
        requests.add(1, { route: '/é' });
        await assert.rejects(write(), { code: 'ENOSPC' });
        assert.deepEqual(
          served(reader.read()),
          { requests: { '{"route":"/a"}': total } },
          `room for ${room}`,
        );
      }
      disk.room = Number.POSITIVE_INFINITY;
      requests.add(5, { route: '/c' });
      await write();
      assert.deepEqual(served(reader.read()), {
        requests: { '{"route":"/a"}': 3, '{"route":"/é"}': 2, '{"route":"/c"}': 5 },
      });
    }
  });

  test('leaves no part of a line, whoever reads it then', async (t) => {
    const { disk, system } = createDisk();
    const { requests, write, path } = filesOf(t, system);
    requests.add(1, { route: '/a' });
    await write();
    const keys = fs.readFileSync(`${path}.keys`, 'utf8');
    disk.room = 5;
    requests.add(1, { route: '/b' });
    await assert.rejects(write(), { code: 'ENOSPC' });
    assert.equal(fs.readFileSync(`${path}.keys`, 'utf8'), keys);
  });
});
