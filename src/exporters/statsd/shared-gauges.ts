import { threadId } from 'node:worker_threads';
import type { StatsdConfig } from '../../config/config.ts';
import { findDirectory, networkNamespace, sayNotShared } from '../../group/host.ts';
import { createSharedGauges, type SharedGauges } from '../../group/shared-gauges.ts';
import { getBuiltinModule } from '../../guest/builtin.ts';
import type { ExporterContext } from '../exporter.ts';

/** Shares gauges with the processes of this service that send lines of the same names to the same server. */
export function shareGauges(config: StatsdConfig, context: ExporterContext): SharedGauges {
  const { address, dialect, prefix, nameOrder, intervalMillis } = config;
  const { labels, serviceName } = context.config;
  const lines = [address, dialect, prefix, nameOrder, Object.entries(labels).sort()];
  return createSharedGauges({
    ...context,
    fs: getBuiltinModule('node:fs'),
    process,
    threadId,
    findDirectory() {
      const found = findDirectory(context.config);
      if ('path' in found) return found.path;
      sayNotShared(context.log, found.problem);
      return undefined;
    },
    destination: ['statsd', serviceName, networkNamespace(), JSON.stringify(lines)],
    intervalMillis,
    aggregationOf: context.gaugeAggregation,
  });
}
