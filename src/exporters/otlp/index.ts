import { context as otelContext } from '@opentelemetry/api';
import { ExportResultCode, suppressTracing } from '@opentelemetry/core';
import type { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import {
  type AggregationSelector,
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { OtlpConfig } from '../../config/config.ts';
import { load } from '../../guest/load.ts';
import { decoded } from '../../guest/shape.ts';
import { describe } from '../../guest/text.ts';
import { withDefaultLabels } from '../../metric-data/labels.ts';
import type { Exporter, ExporterContext } from '../exporter.ts';
import { createHealth } from '../reading/health.ts';
import { logCollectErrors, PeriodicReader } from '../reading/periodic-reader.ts';
import { createAgent } from './agent.ts';
import { createExported } from './exported.ts';
import { OtlpFailure } from './failure.ts';
import { doubtOf, hintOf } from './hints.ts';
import { jsonRequest } from './json-request.ts';
import { createRemarks } from './remarks.ts';
import { representable } from './representable.ts';
import { openSeams } from './seams.ts';
import { verdictOf } from './verdict.ts';
import { createQuote } from './words.ts';

type ExporterOptions = NonNullable<ConstructorParameters<typeof OTLPMetricExporter>[0]>;
type Library = { readonly OTLPMetricExporter: typeof OTLPMetricExporter };

const LIBRARIES = {
  'http/protobuf': './exporters/otlp/protobuf',
  'http/json': './exporters/otlp/json',
} as const;

/** The library's own numbers for the preference; it has one more, for `lowmemory`. */
const TEMPORALITIES = {
  cumulative: AggregationTemporality.CUMULATIVE,
  delta: AggregationTemporality.DELTA,
  lowmemory: 2,
} as const;

const aggregate: Record<OtlpConfig['histogramAggregation'], AggregationSelector> = {
  explicit_bucket_histogram: () => ({ type: AggregationType.DEFAULT }),
  base2_exponential_bucket_histogram: (instrument) => ({
    type:
      instrument === InstrumentType.HISTOGRAM
        ? AggregationType.EXPONENTIAL_HISTOGRAM
        : AggregationType.DEFAULT,
  }),
};

/**
 * Pushes metrics by OTLP over HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp), every
 * `exportIntervalMillis`.
 *
 * A failing backend is logged once, and once more when it is back. With cumulative temporality the next successful push
 * makes up for failed ones; with delta temporality their data is lost. Data recorded since the last export is lost when
 * the process ends by `process.exit` or an uncaught exception, which leave no time for a request.
 *
 * Two things can still keep a process alive for a while, because Node.js cannot release them: the lookup of the
 * backend's name and, up to the timeout, a request body that exceeds the system's send buffer and that a frozen backend
 * does not read.
 */
export function createOtlpExporter(config: OtlpConfig, context: ExporterContext): Exporter {
  const { exportIntervalMillis, exportTimeoutMillis, labels } = context.config;
  const { log, guard } = context;
  const timeoutMillis = Math.min(config.timeoutMillis, exportTimeoutMillis);
  const url = withoutSecrets(config.url);
  const health = createHealth({
    destination: url,
    intervalMillis: exportIntervalMillis,
    log,
    explain: (error) => `${describe(error)}${hintOf(error, config)}`,
  });
  const quote = createQuote(secretsOf(config));
  const remark = createRemarks({ destination: url, log, now: () => performance.now() });
  const exported = createExported(config);
  const closed = new AbortController();
  let agent: ReturnType<typeof createAgent> | undefined;
  let attemptError: unknown;
  /** The backend has asked us to wait until then. */
  let heldUntil = 0;

  const { OTLPMetricExporter } = load<Library>(LIBRARIES[config.protocol]);
  const exporter = new OTLPMetricExporter({
    url: config.url,
    headers: { ...config.headers },
    // The library's type for the two names is an enum that only a dependency of its own exports.
    compression: config.compression as NonNullable<ExporterOptions['compression']>,
    timeoutMillis,
    temporalityPreference: TEMPORALITIES[config.temporality],
    aggregationPreference: aggregate[config.histogramAggregation],
    // Called at the first export: a program that exports nothing loads neither node:http nor node:https.
    httpAgentOptions: () => {
      agent = createAgent(config.url, config.tls);
      return agent;
    },
  });
  openSeams(exporter, {
    closed: closed.signal,
    judge: (answer) => verdictOf(answer, quote, Date.now()),
    onAttemptFailed: (error) => {
      attemptError = error;
      const wait = error instanceof OtlpFailure ? error.retryAfterMillis : undefined;
      heldUntil = wait === undefined ? 0 : performance.now() + wait;
    },
    onAccepted: ({ partial }) => {
      heldUntil = 0;
      if (partial === undefined) return;
      exported.rejected(partial.rejectedDataPoints);
      remark({ ...partial, errorMessage: quote(partial.errorMessage) });
    },
    encode: config.protocol === 'http/json' ? jsonRequest : undefined,
  });

  const onLeftOut = (instrument: string): void =>
    log.once(
      `otlp.unsayable:${instrument}`,
      'warn',
      `${instrument} has counts beyond 64 bits, which OTLP cannot express: these data points are left out`,
    );
  const reader = new PeriodicReader({
    intervalMillis: exportIntervalMillis,
    timeoutMillis,
    aggregationSelector: (instrument) => exporter.selectAggregation(instrument),
    aggregationTemporalitySelector: (instrument) => exporter.selectAggregationTemporality(instrument),
    guard,
    held: () => performance.now() < heldUntil,
    push: (metrics) => {
      attemptError = undefined;
      exported.begin(metrics);
      return send(exporter, representable(withDefaultLabels(metrics, labels), onLeftOut));
    },
    abort: () => agent?.destroy(),
    onSuccess: () => {
      exported.end();
      health.succeeded();
    },
    onFailure: (error) => {
      exported.end(attemptError ?? error);
      if (!closed.signal.aborted) health.failed(attemptError ?? error);
    },
    onCollectErrors: logCollectErrors(log, 'otlp.collect'),
  });

  return {
    reader,
    get delivered() {
      return reader.delivered;
    },
    get agent() {
      return agent;
    },
    instrument: (meter) => exported.instrument(meter, guard),
    open: async () => {
      reader.start();
      const doubt = doubtOf(config);
      if (doubt !== undefined) log.once('otlp.endpoint', 'warn', doubt);
      return `OTLP ${config.protocol} to ${url} every ${seconds(exportIntervalMillis)}`;
    },
    processEnd: { flush: (deadlineMillis) => reader.flush(deadlineMillis) },
    close: async () => {
      reader.stop();
      closed.abort();
      agent?.destroy();
    },
  };
}

/** Rejects with the library's error. The app's tracing does not see the request. */
function send(exporter: OTLPMetricExporter, metrics: ResourceMetrics): Promise<void> {
  return new Promise((resolve, reject) => {
    otelContext.with(suppressTracing(otelContext.active()), () => {
      exporter.export(metrics, (result) => {
        if (result.code === ExportResultCode.SUCCESS) resolve();
        else reject(result.error ?? new Error('the export failed'));
      });
    });
  });
}

function seconds(millis: number): string {
  return `${millis / 1000} s`;
}

/** Without user, password and query, which may carry a token. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Secrets that no message of ours may show, even if a backend repeats them. */
function secretsOf({ url, headers }: OtlpConfig): string[] {
  const { username, password, search, searchParams } = new URL(url);
  const clear = [username, password].map((part) => decoded(part) ?? part).join(':');
  const basic = `Basic ${Buffer.from(clear).toString('base64')}`;
  const user = username === '' && password === '' ? [] : [username, password, basic];
  return [...Object.values(headers), ...user, search.slice(1), ...searchParams.values()];
}
