import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { FileSystem } from '../../../src/group/state/files.ts';
import { createStateFiles } from '../../../src/group/state/files.ts';
import { createStateReader, readWhole } from '../../../src/group/state/reader.ts';
import { atOnce } from '../../../src/guest/slices.ts';
import fc from '../../property.ts';
import { createDisk, exponentialMetrics, filesOf, full, served, sizeOf } from '../member-files.ts';
import { folderOf } from '../members/sockets.ts';
import { createRecorder } from '../recorded.ts';

describe('the files of a process', () => {
  test('read back as what was written, after each of many updates', async (t) => {
    const step = fc.record({
      instrument: fc.constantFrom('requests', 'active', 'queue', 'duration', 'é\n"\\'),
      route: fc.constantFrom('/', '/é', '"\n\\', '\u{1f600}'),
      value: fc.nat(1000),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { meter, write, reader, writer } = filesOf(t);
      for (const { instrument, route, value } of steps) {
        if (instrument === 'active') meter.createUpDownCounter(instrument).add(value, { route });
        else if (instrument === 'queue') meter.createGauge(instrument).record(value, { route });
        else if (instrument === 'duration') meter.createHistogram(instrument).record(value, { route });
        else meter.createCounter(instrument).add(value, { route });
        await write();
        assert.deepEqual(served(reader.read()), served(writer.state));
      }
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test('are read though they appear after their reader', async (t) => {
    const path = join(folderOf(t), 'member');
    const reader = createStateReader(fs, path);
    assert.deepEqual(reader.read(), { metrics: [], values: new Float64Array(0) });
    fs.writeFileSync(`${path}.keys`, '');
    assert.deepEqual(reader.read(), { metrics: [], values: new Float64Array(0) });
    fs.rmSync(`${path}.keys`);
    const { writer, state, meter } = createRecorder();
    meter.createCounter('requests').add(3);
    await state();
    const files = createStateFiles(fs, path);
    files.write(writer);
    assert.deepEqual(served(reader.read()), { requests: { '{}': 3 } });
    files.close();
    reader.close();
  });

  test('are accessible to their user only, and never replace existing files', (t) => {
    const { path } = filesOf(t);
    for (const ending of ['keys', 'values']) {
      assert.equal(fs.lstatSync(`${path}.${ending}`).mode & 0o7777, 0o600);
    }
    assert.throws(() => createStateFiles(fs, path), { code: 'EEXIST' });
  });

  test('are either both created or neither, so that the next attempt can create them', (t) => {
    const path = join(folderOf(t), 'member');
    const openSync: typeof fs.openSync = (file, ...rest) =>
      String(file).endsWith('.values') ? full() : fs.openSync(file, ...rest);
    assert.throws(() => createStateFiles({ ...fs, openSync }, path), { code: 'ENOSPC' });
    assert.equal(fs.existsSync(`${path}.keys`), false);
    createStateFiles(fs, path).close();
  });

  test('report when they have been removed', (t) => {
    const { path, files } = filesOf(t);
    assert.equal(files.removed, false);
    fs.rmSync(`${path}.values`);
    assert.equal(files.removed, true);
  });

  test('are written completely if the system takes a few bytes at a time', async (t) => {
    const { disk, system } = createDisk(7);
    const { requests, write, reader, writer, path } = filesOf(t, system);
    for (const route of ['/', '/é', '/\u{1f600}']) requests.add(1, { route });
    await write();
    assert.deepEqual(served(reader.read()), served(writer.state));
    assert.ok(disk.writes >= sizeOf(path) / 7);
  });

  test('are read in pieces if there are many series', async (t) => {
    const { requests, write, reader } = filesOf(t);
    for (let i = 0; i < 1500; i++) requests.add(1, { route: `/${'x'.repeat(200)}${i}` });
    await write();
    const first = Object.keys(served(reader.read()).requests ?? {}).length;
    assert.ok(reader.behind && first > 0 && first < 1500, `${first} series`);
    assert.equal(Object.keys(served(await readWhole(reader)).requests ?? {}).length, 1500);
    assert.equal(reader.behind, false);
  });

  test('are read even if a character is split over two writes', async (t) => {
    const { path, reader } = filesOf(t);
    const { meter, state, writer } = createRecorder();
    meter.createCounter('requests').add(1, { route: '/é\u{1f600}' });
    await state();
    const keys = Buffer.from(writer.keys(0).text);
    fs.writeFileSync(`${path}.values`, writer.state.values);
    for (const byte of keys) {
      fs.appendFileSync(`${path}.keys`, Buffer.of(byte));
      reader.read();
    }
    assert.deepEqual(served(reader.read()), { requests: { '{"route":"/é\u{1f600}"}': 1 } });
  });
});

describe('values', () => {
  const LENGTHS: readonly (readonly [what: string, bytes: number, series: number])[] = [
    ['none', 0, 0],
    ['a part of the first', 15, 0],
    ['one', 16, 1],
    ['one and a part', 31, 1],
    ['all', 48, 3],
    ['more than keys', 2400, 3],
  ];
  for (const [what, bytes, series] of LENGTHS) {
    test(`${what} of three series: ${series} count`, async (t) => {
      const { path, requests, write } = filesOf(t);
      for (const route of ['/a', '/b', '/c']) requests.add(1, { route });
      await write();
      fs.truncateSync(`${path}.values`, bytes);
      const reader = createStateReader(fs, path);
      assert.equal(Object.keys(served(reader.read()).requests ?? {}).length, series);
      reader.close();
    });
  }

  test('that are gone stay as they were, and no file of a closed reader is opened again', async (t) => {
    const { path, requests, write } = filesOf(t);
    let opened = 0;
    const openSync: typeof fs.openSync = (...open) => {
      opened += 1;
      return fs.openSync(...open);
    };
    const reader = createStateReader({ ...fs, openSync }, path);
    requests.add(3, { route: '/a' });
    await write();
    const known = served(reader.read());
    fs.truncateSync(`${path}.values`, 0);
    assert.deepEqual(served(reader.read()), known);
    reader.close();
    requests.add(1, { route: '/a' });
    await write();
    assert.deepEqual(served(reader.read()), known);
    assert.equal(opened, 2);
  });

  test('that cannot be read do not throw', async (t) => {
    const path = join(folderOf(t), 'member');
    for (const ending of ['keys', 'values']) fs.mkdirSync(`${path}.${ending}`);
    const reader = createStateReader(fs, path);
    assert.deepEqual(reader.read().metrics, []);
    reader.close();
  });

  test('for more series than any process has are not allocated', async (t) => {
    const { path, reader } = filesOf(t);
    const { writer } = createRecorder();
    atOnce(writer.update(exponentialMetrics(), 1));
    const [metric = '', series = ''] = writer.keys(0).text.split('\n');
    fs.writeFileSync(`${path}.keys`, `${metric}\n${`${series}\n`.repeat(200_000)}`);
    const { metrics, values } = await readWhole(reader);
    assert.equal(metrics[0]?.series.length, 200_000);
    assert.ok(values.buffer.byteLength <= 256 * 1024 * 1024);
  });

  const UNREADABLE: readonly (readonly [what: string, text: string, fails: boolean])[] = [
    ['keys that are none', 'x\n'.repeat(2_000_000), false],
    ['one key without an end', 'x'.repeat(4_000_000), false],
    ['keys whose reading fails', 'x'.repeat(4_000_000), true],
  ];
  for (const [what, text, fails] of UNREADABLE) {
    test(`${what} are given up soon`, async (t) => {
      const { path } = filesOf(t);
      fs.writeFileSync(`${path}.keys`, text);
      let reads = 0;
      const readSync = (...read: Parameters<typeof fs.readSync>): number => {
        reads += 1;
        return fails ? full() : fs.readSync(...read);
      };
      const reader = createStateReader({ ...fs, readSync } as FileSystem, path);
      await readWhole(reader);
      await readWhole(reader);
      assert.ok(reads < 25, `${reads} reads`);
      reader.close();
    });
  }
});

describe('a full disk', () => {
  test('takes the values of known series, wherever it was full, and the others once there is room', async (t) => {
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
      const { requests, write, reader, path } = filesOf(t, system);
      requests.add(1, { route: '/a' });
      await write();
      disk.room = room;
      for (let total = 2; total <= 3; total++) {
        requests.add(1, { route: '/a' });
        requests.add(1, { route: '/é' });
        await assert.rejects(write(), { code: 'ENOSPC' });
        assert.match(fs.readFileSync(`${path}.keys`, 'utf8'), /\n$/, 'no part of a line');
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
});
