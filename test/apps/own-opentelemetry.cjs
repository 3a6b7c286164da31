// What the apps of otel-2 and otel-3 share. PARTS lists what the app brings: tracing, metrics, http (instrumentation
// of node:http), late (its own OpenTelemetry is set up after it listens), latehttp (the instrumentation is, when a
// message comes). It answers one request, prints as JSON what the app's exporters got, and listens on.
const net = require('node:net');

const parts = new Set((process.env.PARTS ?? '').split(','));

const BOTH = [
  '@opentelemetry/api',
  '@opentelemetry/instrumentation',
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/sdk-metrics',
];
/** By the major version of the SDK. Each app resolves them from its own folder. */
exports.PACKAGES = {
  2: [...BOTH, '@opentelemetry/sdk-trace-node'],
  3: [...BOTH, '@opentelemetry/sdk-trace', '@opentelemetry/context-async-hooks'],
};

/** The spans and metrics that an app's exporters got, on one line. */
exports.report = (spanExporter, metricExporter, more = {}) => {
  const spans = spanExporter.getFinishedSpans();
  const ids = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  return JSON.stringify({
    ...more,
    spans: spans.map((span) => `${ids.get(span.parentSpanContext?.spanId) ?? ''}>${span.name}`).sort(),
    metrics: metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics.map((metric) => `${scope.scope.name} ${metric.descriptor.name}`))
      .sort(),
  });
};

exports.run = async (otel, http) => {
  const spanExporter = new otel.InMemorySpanExporter();
  const metricExporter = new otel.InMemoryMetricExporter(1);
  let reader;
  const registerTracing = () => {
    if (otel.NodeTracerProvider !== undefined) {
      const spanProcessors = [new otel.SimpleSpanProcessor(spanExporter)];
      new otel.NodeTracerProvider({ spanProcessors }).register();
    } else {
      const spanProcessors = [new otel.SimpleSpanProcessor({ exporter: spanExporter })];
      otel.context.setGlobalContextManager(new otel.AsyncLocalStorageContextManager());
      otel.trace.setGlobalTracerProvider(new otel.TracerProvider({ spanProcessors }));
    }
  };
  const instrument = () =>
    otel.registerInstrumentations({ instrumentations: [new otel.HttpInstrumentation()] });
  const setUp = () => {
    if (parts.has('tracing')) registerTracing();
    if (parts.has('metrics')) {
      reader = new otel.PeriodicExportingMetricReader({
        exporter: metricExporter,
        exportIntervalMillis: 1e9,
      });
      otel.metrics.setGlobalMeterProvider(new otel.MeterProvider({ readers: [reader] }));
    }
    if (parts.has('http')) instrument();
  };
  if (!parts.has('late')) setUp();

  const { createServer } = await http();
  const server = createServer((_req, res) => {
    otel.metrics.getMeter('app').createCounter('orders').add(1);
    otel.trace.getTracer('app').startActiveSpan('work', (span) => {
      span.end();
      res.end('ok');
    });
  });
  server.listen(0, '127.0.0.1', async () => {
    if (parts.has('late')) setUp();
    const { port } = server.address();
    // Not fetch, whose own spans are not compared.
    await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      socket.resume().on('close', resolve);
    });
    await reader?.forceFlush();
    console.log(exports.report(spanExporter, metricExporter));
    console.log(`http://127.0.0.1:${port}/`);
    if (parts.has('latehttp')) {
      process.on('message', () => {
        instrument();
        require('node:http');
        console.log('patched');
      });
    }
  });
};
