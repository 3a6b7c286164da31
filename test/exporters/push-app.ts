/**
 * A program with nothing to do once its input ends, and metrics to push: `node push-app.ts '<OtlpConfig as JSON>'`.
 * Prints `open` when the exporter is, `exporting` at its first request, and what a last flush logs.
 */
import { subscribe } from 'node:diagnostics_channel';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { OtlpConfig } from '../../src/config/config.ts';
import { createOtlpExporter } from '../../src/exporters/otlp/index.ts';
import { recordedContext } from './push-context.ts';

const settings = JSON.parse(process.argv[2] ?? '') as OtlpConfig & {
  intervalMillis: number;
  flushMillis: number;
};
const context = recordedContext({ exportIntervalMillis: settings.intervalMillis });
const exporter = createOtlpExporter(settings, context);
const counter = new MeterProvider({ readers: [exporter.reader] }).getMeter('app').createCounter('work');
counter.add(1);
let requests = 0;
subscribe('http.client.request.start', () => {
  if (requests++ === 0) console.log('exporting');
});
await exporter.open();
console.log('open');
process.stdin.resume();
process.stdin.once('end', () => counter.add(41));
if (settings.flushMillis > 0) {
  process.once('beforeExit', async () => {
    await exporter.processEnd?.flush(settings.flushMillis);
    for (const line of context.lines) console.log(line);
  });
}
