import type { Agent } from 'node:http';
import type { AnswerMetrics } from '../../api/metrics-slot.ts';
import type { PrometheusConfig } from '../../config/config.ts';
import { groupMetrics } from '../../group/group-metrics.ts';
import { logNotShared, thisHost } from '../../group/host.ts';
import type { Group } from '../../group/types.ts';
import { getBuiltinModule } from '../../guest/builtin.ts';
import { inTime } from '../../guest/deadline.ts';
import { load } from '../../guest/load.ts';
import { coalesced } from '../../guest/one-at-a-time.ts';
import { describe } from '../../guest/text.ts';
import { nextTurn } from '../../guest/turn.ts';
import type { Exporter, ExporterContext } from '../exporter.ts';
import { createCollect, errorsMetric, type Served } from './collect.ts';
import { authority, createEndpoint } from './endpoint.ts';
import { cannotListen, ownedByOther, takenByApp } from './outcome.ts';
import { PullReader } from './reader.ts';
import { startTimeMetric } from './start-time.ts';

/**
 * Serves metrics to Prometheus at `GET /metrics`, for all processes of the service that share the port. With port 0
 * each process has its own.
 */
export function createPrometheusExporter(
  { host, port, names, scopeLabels }: PrometheusConfig,
  context: ExporterContext,
): Exporter {
  const { config, log, guard, instruments } = context;
  const reader = new PullReader();
  const thisProcess = thisHost(config);
  const startTime = startTimeMetric(performance.timeOrigin / 1000);
  // As everything of the process it is measured by its main thread.
  const added = config.runtimeEnabled && thisProcess.threadId === 0 ? [startTime] : [];
  const own = createCollect({ reader, log, added });
  const address = authority(host, port);
  let collect: () => Promise<Served> = coalesced(own);
  let group: Group | undefined;
  let closed = false;
  /** What writes an exposition is loaded at the first scrape. */
  const createAnswer = (): AnswerMetrics => {
    const ours = [errorsMetric(0, [0, 0]), startTime, groupMetrics({ members: 0, fresh: 0, retired: 0 })];
    const { createAnswering } = load<typeof import('./answer.ts')>('./exporters/prometheus/answer');
    return createAnswering({
      labels: config.labels,
      scopeLabels,
      names,
      log,
      instruments,
      reserved: ours.flatMap(({ metrics }) => metrics),
      collect: () => collect(),
    });
  };
  let answerLoaded: AnswerMetrics | undefined;
  const answer: AnswerMetrics = (request) => {
    answerLoaded ??= createAnswer();
    return answerLoaded(request);
  };
  const endpoint = createEndpoint({
    host,
    port,
    answer,
    log,
    guard,
  });

  /** The group of this process, possibly its only member; or why there can be none. */
  const grouped = (): Group | string => {
    if (group !== undefined) return group;
    const found = thisProcess.findDirectory();
    if ('problem' in found) return found.problem;
    const { createGroup } = load<typeof import('../../group/group.ts')>('./group/group');
    const created = createGroup({
      host: thisProcess,
      directory: found.path,
      service: config.serviceName,
      endpoint: {
        host,
        port,
        bind: endpoint.listen,
        unbind() {
          if (endpoint.releasePort(port)) log.error(takenByApp(port));
        },
      },
      own: {
        collect: own,
        inBackground: context.inBackground,
        readPending: context.pendingOf(reader).read,
        get started() {
          return reader.started;
        },
        get running() {
          return reader.running;
        },
      },
      labels: config.labels,
      resourceAttributes: config.resourceAttributes,
      aggregationOf: context.gaugeAggregation,
      perProcess: config.gauges.some(({ aggregation }) => aggregation === 'process'),
      cardinalityLimit: config.cardinalityLimit,
      seriesTtlMillis: config.seriesTtlMillis,
      guard,
      log,
    });
    group = created;
    collect = coalesced(created.collect);
    return created;
  };

  /** The app comes to its turn in between, since the group's modules take long to load. */
  const groupInTurns = async (): Promise<void> => {
    const steps = [() => load('./group/members/membership'), () => load('./group/group'), grouped];
    for (const step of steps) {
      await nextTurn();
      if (closed) return;
      step();
    }
    await nextTurn();
  };

  const join = async (joined: Group): Promise<string | undefined> => {
    const outcome = await joined.join();
    switch (outcome.role) {
      case 'owner':
        return endpoint.url;
      case 'member': {
        isMember = true;
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

  let agent: Agent | undefined;
  let isMember = false;
  /** In a process that does not serve the metrics of its group, the one that does answers. */
  const answerForAll: AnswerMetrics = (request) => {
    const { forward, isForwarded } = load<typeof import('./forward.ts')>('./exporters/prometheus/forward');
    if (!isMember || endpoint.server.listening || isForwarded(request)) return answer(request);
    agent ??= new (getBuiltinModule('node:http').Agent)();
    return forward(endpoint.url, request, agent);
  };

  return {
    reader,
    pulled: reader,
    answer: answerForAll,
    get agent() {
      return agent;
    },
    async open() {
      if (port !== 0) {
        if (group === undefined) await groupInTurns();
        if (closed) return undefined;
        const found = grouped();
        if (typeof found === 'object') return join(found);
        logNotShared(log, found);
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
        // First, so that no member of the group binds in between.
        const found = wanted === port && port !== 0 ? grouped() : undefined;
        const other = typeof found === 'object' && found.take(endpoint.server.listening);
        const own = endpoint.releasePort(wanted);
        if (wanted === port) isMember = false;
        if (own || wanted === port) group?.release();
        if (own || other) log.error(takenByApp(wanted));
      },
    },
    async close() {
      closed = true;
      group?.leave();
      await endpoint.close();
    },
  };
}
