import { isMainThread } from 'node:worker_threads';
import type { Owner } from '../../group/types.ts';
import { describe } from '../../guest/text.ts';

/** Messages about an endpoint that this process does not serve. */

const NOT_SERVED =
  `The metrics of this ${isMainThread ? 'process' : 'worker thread'} are not served; the app goes on. ` +
  'Set OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT to choose another address.';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is already in use',
  EACCES: 'this process may not listen on that port',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name is not known',
};

/** @param address host and port */
export function cannotListen(address: string, error: NodeJS.ErrnoException): string {
  return `cannot listen on ${address}: ${REASONS[error.code ?? ''] ?? describe(error)}. ${NOT_SERVED}`;
}

export function ownedByOther(address: string, { service, pid }: Pick<Owner, 'service' | 'pid'>): string {
  return `cannot listen on ${address}: it belongs to the service ${service}, process ${pid}. ${NOT_SERVED}`;
}

export function takenByApp(port: number): string {
  return `the app takes port ${port} for itself. ${NOT_SERVED}`;
}
