// What the apps of otel-2 and otel-3 share. PARTS lists what the app brings: tracing, metrics, http (instrumentation
// of node:http), late (its own OpenTelemetry is set up after it listens), latehttp (the instrumentation is, when a
// message comes). It answers one request, prints as JSON
// what its own exporters got, and then listens on for whoever wants to look at /metrics.
const parts = new Set((process.env.PARTS ?? '').split(','));

exports.run = async ({
  api,
  registerTracing,
  spanExporter,
  registerInstrumentations,
  HttpInstrumentation,
  sdkMetrics,
  http,
}) => {
  const metricExporter = new sdkMetrics.InMemoryMetricExporter(1);
  let reader;
  const setUp = () => {
    if (parts.has('tracing')) registerTracing();
    if (parts.has('metrics')) {
      reader = new sdkMetrics.PeriodicExportingMetricReader({
        exporter: metricExporter,
        exportIntervalMillis: 1e9,
      });
      api.metrics.setGlobalMeterProvider(new sdkMetrics.MeterProvider({ readers: [reader] }));
    }
    if (parts.has('http')) registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
  };
  if (!parts.has('late')) setUp();

  const { createServer } = await http();
  const server = createServer((_req, res) => {
    api.metrics.getMeter('app').createCounter('orders').add(1);
    api.trace.getTracer('app').startActiveSpan('work', (span) => {
      span.end();
      res.end('ok');
    });
  });
  server.listen(0, '127.0.0.1', async () => {
    if (parts.has('late')) setUp();
    const url = `http://127.0.0.1:${server.address().port}/`;
    // Not fetch: its own spans are not what is compared.
    const net = require('node:net');
    await new Promise((resolve) => {
      const socket = net.connect(server.address().port, '127.0.0.1');
      socket.end('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      socket.resume().on('close', resolve);
    });
    await reader?.forceFlush();
    const spans = spanExporter.getFinishedSpans();
    const ids = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
    console.log(
      JSON.stringify({
        spans: spans.map((span) => `${ids.get(span.parentSpanContext?.spanId) ?? ''}>${span.name}`).sort(),
        metrics: metricExporter
          .getMetrics()
          .flatMap(({ scopeMetrics }) => scopeMetrics)
          .flatMap((scope) => scope.metrics.map((metric) => `${scope.scope.name} ${metric.descriptor.name}`))
          .sort(),
      }),
    );
    console.log(url);
    if (parts.has('latehttp')) {
      process.on('message', () => {
        registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
        require('node:http');
        console.log('patched');
      });
    }
  });
};
