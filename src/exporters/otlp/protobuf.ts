export { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
