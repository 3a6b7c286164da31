import { ValueType } from '@opentelemetry/api';
import type { StatsdConfig } from '../../config/config.ts';
import type { StatsdAddress } from '../../config/types.ts';
import type { SharedGauges } from '../../group/types.ts';
import type { Exporter, ExporterContext } from '../exporter.ts';
import { createHealth } from '../reading/health.ts';
import { logCollectErrors, PeriodicReader } from '../reading/periodic-reader.ts';
import { DIALECTS } from './dialects/index.ts';
import { createDifferences } from './differences.ts';
import { createSender, type SenderCounts } from './sender.ts';
import { shareGauges } from './shared-gauges.ts';
import { TRANSPORTS } from './transports/index.ts';

/** Milliseconds that one collection may take to leave, on a slow stream or while a name is looked up. */
const SEND_MILLIS = 30_000;

/**
 * Every `intervalMillis` sends what was recorded since the last time as StatsD lines: counters, gauges, and for each
 * histogram one weighted sample per bucket, on boundaries less than 10 % apart.
 *
 * What a server refuses is held and sent with what comes later. A failing server is logged once, and once more when
 * it is back. What was recorded since the last time is lost when the process leaves by `process.exit` or an uncaught
 * exception.
 */
export function createStatsdExporter(config: StatsdConfig, context: ExporterContext): Exporter {
  const { intervalMillis } = config;
  const { log, guard } = context;
  const destination = addressText(config.address);
  const health = createHealth({ destination, intervalMillis, log });
  const counts: SenderCounts = { packets: 0, bytes: 0, packetsDropped: 0, retries: 0 };
  const dialect = DIALECTS[config.dialect];
  let failure: unknown;
  let closed = false;
  let gauges: SharedGauges | undefined;
  /** How many are running: that of a signal and that of `stop()` may overlap. */
  let flushes = 0;

  const transport = TRANSPORTS[config.address.transport]()(config, {
    guard,
    onFailure: (error) => {
      failure = error;
    },
    onLost: (packets) => {
      counts.packetsDropped += packets;
    },
  });
  const sender = createSender({
    packetSize: config.packetSize,
    transport,
    counts,
    differences: createDifferences({
      dialect,
      config,
      labels: context.config.labels,
      instruments: context.instruments,
      packetSize: config.packetSize,
    }),
    onOversized: (line) =>
      log.once(
        'statsd.oversized',
        'warn',
        `a line of ${Buffer.byteLength(line)} bytes does not fit into a packet of ${config.packetSize} and is dropped: ${line.slice(0, 120)}`,
      ),
  });
  const reader = new PeriodicReader({
    intervalMillis,
    timeoutMillis: SEND_MILLIS,
    guard,
    push: async (metrics) => {
      failure = undefined;
      await sender.send(gauges === undefined ? metrics : await gauges.share(metrics));
    },
    abort: () => sender.abort(),
    onSuccess: () => health.succeeded(),
    onFailure: (error) => {
      if (!closed) health.failed(failure ?? error);
    },
    onCollectErrors: logCollectErrors(log, 'statsd.collect'),
  });

  return {
    reader,
    get delivered() {
      return reader.delivered;
    },
    fine: true,
    instrument(meter) {
      const counter = (name: string, unit: string, description: string, read: () => number): void =>
        meter
          .createObservableCounter(`routemeter.statsd.${name}`, {
            unit,
            description,
            valueType: ValueType.INT,
          })
          .addCallback(guard('observable', (observation) => observation.observe(read())));
      counter('packets', '{packet}', 'Packets that the socket accepted.', () => counts.packets);
      counter('bytes', 'By', 'Bytes in packets that the socket accepted.', () => counts.bytes);
      counter('packets.dropped', '{packet}', 'Packets that were lost.', () => counts.packetsDropped);
      counter('retries', '{attempt}', 'Attempts to send after one that failed.', () => counts.retries);
    },
    open: async () => {
      reader.start();
      gauges = shareGauges(config, context);
      await gauges.join();
      return `StatsD (${config.dialect}) to ${destination} every ${intervalMillis / 1000} s`;
    },
    processEnd: {
      async flush(deadlineMillis) {
        flushes++;
        sender.urgent = true;
        await reader.flush(deadlineMillis);
        flushes--;
        sender.urgent = flushes > 0;
      },
      handOver: () => gauges?.handOver(),
    },
    close: async () => {
      reader.stop();
      gauges?.leave();
      closed = true;
      transport.close();
    },
  };
}

function addressText(address: StatsdAddress): string {
  if (address.transport === 'unix') return `unix://${address.path}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.transport}://${host}:${address.port}`;
}
