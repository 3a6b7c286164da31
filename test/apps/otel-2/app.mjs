// An app with OpenTelemetry of its own, as an ES module: API 1.9, SDK 2.x.
import { metrics, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import report from '../otel-report.cjs';

const spanExporter = new InMemorySpanExporter();
const registerTracing = () =>
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] }).register();

report.run({
  api: { metrics, trace },
  registerTracing,
  spanExporter,
  registerInstrumentations,
  HttpInstrumentation,
  sdkMetrics: { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader },
  http: () => import('node:http'),
});
