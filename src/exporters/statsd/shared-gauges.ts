import type { StatsdConfig } from '../../config/config.ts';
import { thisHost } from '../../group/host.ts';
import { createSharedGauges } from '../../group/shared-gauges.ts';
import type { SharedGauges } from '../../group/types.ts';
import type { ExporterContext } from '../exporter.ts';

/** The gauges of the processes of this service that send lines of the same names to the same server. */
export function shareGauges(config: StatsdConfig, context: ExporterContext): SharedGauges {
  const { address, dialect, prefix, nameOrder, intervalMillis } = config;
  const { labels, serviceName } = context.config;
  const lines = [address, dialect, prefix, nameOrder, Object.entries(labels).sort()];
  const host = thisHost(context.config);
  return createSharedGauges({
    ...context,
    host,
    destination: ['statsd', serviceName, host.network, JSON.stringify(lines)],
    intervalMillis,
    aggregationOf: context.gaugeAggregation,
    seriesEnd: context.config.seriesTtlMillis !== undefined,
  });
}
