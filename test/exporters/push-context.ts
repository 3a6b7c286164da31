import type { Config, OtlpConfig } from '../../src/config/config.ts';
import type { ExporterContext } from '../../src/exporters/exporter.ts';
import { createGuard } from '../../src/guest/guard.ts';
import type { LogLevel } from '../../src/guest/log.ts';
import { createLog } from '../../src/guest/log.ts';
import { createPendingReader } from '../../src/pipeline/pending.ts';
import { createMadeInstruments } from '../../src/views/made-instruments.ts';
import { DEFAULT_CONFIG } from '../config/default-config.ts';

/** An interval that no test reaches: what is pushed is pushed by a flush. */
export const NEVER = 3_600_000;

export interface RecordedContext extends ExporterContext {
  /** What has been logged, a line each. */
  readonly lines: readonly string[];
}

export function recordedContext(config: Partial<Config> = {}, level: LogLevel = 'info'): RecordedContext {
  const lines: string[] = [];
  const log = createLog(level, (line) => lines.push(line.trimEnd()));
  return {
    lines,
    log,
    guard: createGuard(log),
    gaugeAggregation: () => 'sum',
    instruments: createMadeInstruments(),
    inBackground: (collect) => collect(),
    pendingOf: (reader) => createPendingReader(reader, { before: [], after: [] }),
    config: { ...DEFAULT_CONFIG, logLevel: level, exportIntervalMillis: NEVER, ...config },
  };
}

export function otlpConfig(url: string, settings: Partial<OtlpConfig> = {}): OtlpConfig {
  return {
    kind: 'otlp',
    protocol: 'http/protobuf',
    url,
    headers: {},
    compression: 'none',
    timeoutMillis: 10_000,
    tls: {},
    temporality: 'cumulative',
    histogramAggregation: 'explicit_bucket_histogram',
    ...settings,
  };
}
