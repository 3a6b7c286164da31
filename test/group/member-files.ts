import fs from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { FileSystem } from '../../src/group/state/files.ts';
import { createStateFiles } from '../../src/group/state/files.ts';
import { createStateReader } from '../../src/group/state/reader.ts';
import type { State } from '../../src/group/state/state.ts';
import { collected, exponentialHistogram } from '../exporters/prometheus/metrics.ts';
import { folderOf } from './members/sockets.ts';
import { createRecorder, living, merged, readableState } from './recorded.ts';

/** A process with files in a folder of its own, and another one that reads them. */
export function filesOf(t: TestContext, system: FileSystem = fs) {
  const recorder = createRecorder();
  const path = join(folderOf(t), 'member');
  const files = createStateFiles(system, path);
  const reader = createStateReader(fs, path);
  t.after(() => files.close());
  t.after(() => reader.close());
  const write = async (): Promise<void> => {
    await recorder.state();
    files.write(recorder.writer);
  };
  return { ...recorder, path, files, reader, write, requests: recorder.meter.createCounter('requests') };
}

/** What a scrape would make of it. */
export const served = (state: State) => readableState(merged([{ ...living(state), process: {} }], 'process'));
/** Bytes of both. */
export const sizeOf = (path: string): number =>
  fs.statSync(`${path}.keys`).size + fs.statSync(`${path}.values`).size;

/** What the system throws when the disk is full. */
export const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};

/** A disk on which this many bytes more have room, and that takes so many at a time at most. */
export function createDisk(most = Number.POSITIVE_INFINITY) {
  const disk = { room: Number.POSITIVE_INFINITY, writes: 0 };
  const writeSync = (file: number, data: Uint8Array, offset: number, length: number, position: number) => {
    const { size } = fs.fstatSync(file);
    const inPlace = Math.max(0, Math.min(length, size - position));
    const taken = Math.min(length, most, inPlace + disk.room);
    if (taken === 0) full();
    disk.room -= Math.max(0, taken - inPlace);
    disk.writes += 1;
    return fs.writeSync(file, data, offset, taken, position);
  };
  return { disk, system: { ...fs, writeSync } as FileSystem };
}

/** An exponential histogram, as a collection has it; without a view the SDK makes none. */
export const exponentialMetrics = (): ResourceMetrics =>
  collected([[{ name: 'app' }, [exponentialHistogram('size')]]]);
