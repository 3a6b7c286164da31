import { type Meter, ValueType } from '@opentelemetry/api';
import type { FileDescriptors } from './file-descriptors.ts';

/** What is read when metrics are collected. */
export interface ObservedProcess {
  readonly process: Pick<NodeJS.Process, 'cpuUsage' | 'memoryUsage' | 'uptime' | 'versions'>;
  readonly fileDescriptors: FileDescriptors;
}

/**
 * What is one for the whole process: its age, version, CPU time, memory and file descriptors. The conventions have no
 * name for the version and the limit of file descriptors: these are what Prometheus's client libraries call the one, and
 * what the conventions call the limit of a JVM.
 * https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
 */
export function observeProcess(meter: Meter, { process, fileDescriptors }: ObservedProcess): void {
  const cpu = meter.createObservableCounter('process.cpu.time', {
    description: 'Total CPU seconds broken down by different CPU modes.',
    unit: 's',
  });
  cpu.addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  const memory = meter.createObservableUpDownCounter('process.memory.usage', {
    description: 'The amount of physical memory in use.',
    unit: 'By',
  });
  memory.addCallback((result) => result.observe(process.memoryUsage.rss()));
  const age = meter.createObservableGauge('process.uptime', {
    description: 'The time the process has been running.',
    unit: 's',
  });
  age.addCallback((result) => result.observe(process.uptime()));
  observeFileDescriptors(meter, fileDescriptors);
  const version = meter.createObservableGauge('nodejs.version.info', {
    description: 'Processes by their version of Node.js.',
    unit: '{process}',
    valueType: ValueType.INT,
  });
  version.addCallback((result) => result.observe(1, { 'process.runtime.version': process.versions.node }));
}

function observeFileDescriptors(meter: Meter, { open, limit }: FileDescriptors): void {
  const count = meter.createObservableUpDownCounter('process.unix.file_descriptor.count', {
    description: 'Number of unix file descriptors in use by the process.',
    unit: '{file_descriptor}',
    valueType: ValueType.INT,
  });
  count.addCallback(async (result) => {
    const number = await open();
    if (number !== undefined) result.observe(number);
  });
  const most = meter.createObservableUpDownCounter('process.unix.file_descriptor.limit', {
    description: 'Largest number of unix file descriptors that the process may have in use.',
    unit: '{file_descriptor}',
    valueType: ValueType.INT,
  });
  most.addCallback((result) => {
    const number = limit();
    if (number !== undefined) result.observe(number);
  });
}

/** Memory outside of the heap that its objects hold, such as buffers: each thread has its own. */
export function observeExternalMemory(meter: Meter, bytes: () => number): void {
  const external = meter.createObservableUpDownCounter('v8js.memory.external', {
    description: 'Memory outside of the heap that objects of the heap hold.',
    unit: 'By',
    valueType: ValueType.INT,
  });
  external.addCallback((result) => result.observe(bytes()));
}
