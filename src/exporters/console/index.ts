import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ConsoleConfig } from '../../config/config.ts';
import { writeStderr } from '../../guest/stderr.ts';
import { describe } from '../../guest/text.ts';
import { withDefaultLabels } from '../../metric-data/labels.ts';
import type { Exporter, ExporterContext } from '../exporter.ts';
import { PeriodicReader } from '../reading/periodic-reader.ts';
import { consoleTable } from './table.ts';

/**
 * Writes tables to stderr every `exportIntervalMillis`, but none before anything is recorded. Values are cumulative:
 * they count from the start of the process.
 *
 * The SDK collects asynchronously, so a process that ends by `process.exit` or an uncaught exception loses its last
 * table.
 *
 * @param write takes whole lines; its errors are swallowed
 */
export function createConsoleExporter(
  _config: ConsoleConfig,
  context: ExporterContext,
  write: (text: string) => void = writeStderr,
): Exporter {
  const { exportIntervalMillis, exportTimeoutMillis, labels } = context.config;
  const reader = new PeriodicReader({
    intervalMillis: exportIntervalMillis,
    timeoutMillis: exportTimeoutMillis,
    guard: context.guard,
    push: (metrics: ResourceMetrics) => {
      const table = consoleTable(withDefaultLabels(metrics, labels));
      if (table === '') return;
      try {
        write(table);
      } catch {
        // A closed stderr must not reach the app.
      }
    },
    onFailure: (error) =>
      context.log.once(
        'console.collect',
        'error',
        `the console exporter could not collect: ${describe(error)}`,
      ),
    onCollectErrors: (errors) =>
      context.log.once('console.callback', 'warn', `a metric callback failed: ${describe(errors[0])}`),
  });
  return {
    reader,
    get delivered() {
      return reader.delivered;
    },
    open: async () => {
      reader.start();
      return `tables on stderr every ${exportIntervalMillis / 1000} s`;
    },
    processEnd: { flush: (deadlineMillis) => reader.flush(deadlineMillis) },
    close: async () => reader.stop(),
  };
}
