export { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
