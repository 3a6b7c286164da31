import { threadId } from 'node:worker_threads';
import type { PrometheusConfig } from '../../config/config.ts';
import { createGroup, type Group } from '../../group/group.ts';
import { groupMetrics } from '../../group/group-metrics.ts';
import { findDirectory, networkNamespace, sayNotShared } from '../../group/host.ts';
import { createTaking } from '../../group/port/taking.ts';
import { getBuiltinModule } from '../../guest/builtin.ts';
import { inTime } from '../../guest/deadline.ts';
import { coalesced } from '../../guest/one-at-a-time.ts';
import { describe } from '../../guest/text.ts';
import type { Exporter, ExporterContext } from '../exporter.ts';
import { createCollect, errorsMetric, type Served } from './collect.ts';
import { authority, createEndpoint } from './endpoint.ts';
import { createExposition } from './exposition.ts';
import { FORMATS } from './formats/index.ts';
import { createGroupCollect } from './group-collect.ts';
import { cannotListen, ownedByOther, takenByApp } from './outcome.ts';
import { PullReader } from './reader.ts';

/**
 * Metrics that Prometheus pulls: `GET /metrics` in the text format 0.0.4, for all processes of the service that share
 * the port. With port 0 each has one of its own.
 */
export function createPrometheusExporter(
  { host, port, scopeLabels }: PrometheusConfig,
  context: ExporterContext,
): Exporter {
  const { config, log, guard, instruments } = context;
  const reader = new PullReader();
  const own = createCollect({ reader, log });
  const address = authority(host, port);
  let collect: () => Promise<Served> = coalesced(own);
  let group: Group | undefined;
  const ours = [errorsMetric(0, [0, 0]), groupMetrics({ members: 0, fresh: 0, retired: 0 })];
  const expose = createExposition({
    labels: config.labels,
    scopeLabels,
    log,
    instruments,
    reserved: ours.flatMap(({ metrics }) => metrics),
  });
  const endpoint = createEndpoint({
    host,
    port,
    collect: async () => expose(await collect()),
    formats: FORMATS,
    log,
    guard,
  });

  const place = { network: networkNamespace(), host, port };

  /** Another process may serve on the port that this process' app is about to bind. */
  const takePort = (): boolean => {
    const directory = findDirectory(config);
    if (!('path' in directory)) return false;
    const fs = getBuiltinModule('node:fs');
    return createTaking({ fs, process, directory: directory.path, endpoint: place }).take(
      endpoint.server.listening,
    );
  };

  /** The group of this process, which may be alone in it; a problem where there can be none. */
  const grouped = (): Group | string => {
    if (group !== undefined) return group;
    const found = findDirectory(config);
    if (!('path' in found)) return found.problem;
    const { path: directory } = found;
    const pending = context.pendingOf(reader);
    const shared = createGroupCollect(own, context, {
      read: pending.read,
      get started() {
        return reader.started;
      },
      get running() {
        return reader.running;
      },
    });
    const created = createGroup({
      fs: getBuiltinModule('node:fs'),
      process,
      threadId,
      directory,
      checkDirectory() {
        const found = findDirectory(config);
        if (!('path' in found)) throw new Error(found.problem);
        if (found.path !== directory) throw new Error(`${directory} is no longer there`);
      },
      service: config.serviceName,
      labels: config.labels,
      endpoint: place,
      lookup,
      bind: endpoint.listen,
      unbind() {
        if (endpoint.releasePort(port)) log.error(takenByApp(port));
      },
      update: shared.update,
      note: shared.note,
      aggregationOf: context.gaugeAggregation,
      cardinalityLimit: config.cardinalityLimit,
      guard,
      log,
    });
    group = created;
    collect = shared.of(created);
    return created;
  };

  const join = async (joined: Group): Promise<string | undefined> => {
    const outcome = await joined.join();
    switch (outcome.role) {
      case 'serving':
        return endpoint.url;
      case 'member': {
        const { owner, reached } = outcome;
        if (reached) return `${endpoint.url}, served by process ${owner.pid}`;
        return (
          `http://${authority(owner.endpoint.host, port)}/metrics, served by process ${owner.pid}; ` +
          `at ${address} once that process has ended`
        );
      }
      case 'outsider': {
        const { owner, error } = outcome;
        if (owner?.service === config.serviceName) {
          return error.code === 'EADDRINUSE'
            ? `${endpoint.url}, once process ${owner.pid} of another version has ended`
            : `${endpoint.url}, once it can join process ${owner.pid}: ${describe(error)}`;
        }
        joined.leave();
        log.error(owner === undefined ? cannotListen(address, error) : ownedByOther(address, owner));
        return undefined;
      }
    }
  };

  return {
    reader,
    pulled: true,
    async open() {
      if (port !== 0) {
        const found = grouped();
        if (typeof found === 'object') return join(found);
        sayNotShared(log, found);
      }
      const error = await endpoint.listen();
      if (error === undefined) return endpoint.url;
      log.error(cannotListen(address, error));
      return undefined;
    },
    processEnd: {
      async flush(deadlineMillis) {
        if (group !== undefined) await inTime(group.flush(), deadlineMillis, { keepsAlive: true });
      },
      handOver: () => group?.handOver(),
      ...(port !== 0 && { exit: () => group?.exit() }),
    },
    ...(port !== 0 && {
      prompt: {
        recorded: () => group?.recorded(),
        canJoinAtOnce() {
          const found = grouped();
          return typeof found === 'object' && found.canJoinAtOnce();
        },
      },
    }),
    ownServer: {
      server: endpoint.server,
      releasePort(wanted) {
        if (wanted !== port && !endpoint.server.listening) return;
        // First, so that nobody of the group binds in between.
        const other = wanted === port && takePort();
        const own = endpoint.releasePort(wanted);
        if (own || wanted === port) group?.release();
        if (own || other) log.error(takenByApp(wanted));
      },
    },
    async close() {
      group?.leave();
      await endpoint.close();
    },
  };
}

async function lookup(host: string): Promise<string | undefined> {
  try {
    return (await getBuiltinModule('node:dns').promises.lookup(host)).address;
  } catch {
    return undefined;
  }
}
