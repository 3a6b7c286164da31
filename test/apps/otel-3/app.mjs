// An app with OpenTelemetry of its own, as an ES module: API 1.10, SDK 3.x.
import { context, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import report from '../otel-report.cjs';

const spanExporter = new InMemorySpanExporter();
const registerTracing = () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spanExporter })] }),
  );
};

report.run({
  api: { metrics, trace },
  registerTracing,
  spanExporter,
  registerInstrumentations,
  HttpInstrumentation,
  sdkMetrics: { InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader },
  http: () => import('node:http'),
});
